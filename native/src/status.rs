//! gRPC's status: its codes, and how its text travels.

pub const OK: u32 = 0;
pub const CANCELLED: u32 = 1;
pub const DEADLINE_EXCEEDED: u32 = 4;
pub const RESOURCE_EXHAUSTED: u32 = 8;
pub const UNIMPLEMENTED: u32 = 12;
pub const INTERNAL: u32 = 13;
pub const UNAVAILABLE: u32 = 14;

#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    pub code: u32,
    pub text: String,
}

impl Status {
    pub const OK: Self = Self { code: 0, text: String::new() };

    pub fn new(code: u32, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }

    pub fn status(&self) -> Vec<u8> {
        self.code.to_string().into_bytes()
    }

    /// The text as a header carries it: percent-encoded, but for what ASCII can print.
    pub fn encoded(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.text.len());
        for byte in self.text.bytes() {
            match byte {
                b'%' | ..b' ' | 0x7f.. => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
                _ => out.push(byte),
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_percent_encoded() {
        assert_eq!(Status::new(3, "50% ü\n").encoded(), b"50%25 %C3%BC%0A");
    }
}
