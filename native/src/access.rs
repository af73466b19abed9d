//! Who may call what. The Python service decides (vajra_onnx/server/access.py); what it allows is remembered until its tokens
//! change, and whatever is not remembered is left to it.
//!
//! What is kept are digests, never tokens. There is one for a token, a method and a model that were allowed, however a client
//! spells the header, so nobody can fill the memory with what it made up.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use ring::digest::{Context, SHA256};

/// Answers that are remembered at most; beyond them Python is asked each time.
const MOST: usize = 100_000;
/// How old the last look at the tokens may be. Beyond it nothing is remembered: whoever looks may have died.
const FRESH: Duration = Duration::from_secs(5);

/// The name of a caller where nobody is asked for one.
pub const EVERYONE: &str = "everyone";

/// What is asked of Python: whether the bearer of a token may call a method for a model.
pub struct Question {
    key: [u8; 32],
    pub model: String,
}

pub struct Access {
    /// None where everyone may call everything.
    known: Option<RwLock<Known>>,
    everyone: Arc<str>,
}

struct Known {
    /// How often the tokens have changed, and when they were looked at.
    changes: u64,
    looked: Instant,
    callers: HashMap<[u8; 32], Arc<str>>,
}

impl Access {
    pub fn new(guarded: bool) -> Self {
        let known = || RwLock::new(Known { changes: 0, looked: Instant::now(), callers: HashMap::new() });
        Self { known: guarded.then(known), everyone: Arc::from(EVERYONE) }
    }

    pub fn is_guarded(&self) -> bool {
        self.known.is_some()
    }

    /// The name of a caller who may; else what Python is to be asked, which is nothing for one without a token.
    pub fn caller(&self, metadata: &[(String, String)], path: &str, model: &str) -> Result<Arc<str>, Option<Question>> {
        let Some(known) = &self.known else { return Ok(self.everyone.clone()) };
        let token = token(metadata).ok_or(None)?;
        let mut digest = Context::new(&SHA256);
        for part in [token, "\0", path, "\0", model] {
            digest.update(part.as_bytes());
        }
        let mut key = [0; 32];
        key.copy_from_slice(digest.finish().as_ref());
        let known = known.read().unwrap_or_else(|e| e.into_inner());
        let found = known.callers.get(&key).filter(|_| known.looked.elapsed() < FRESH).cloned();
        found.ok_or_else(|| Some(Question { key, model: model.to_owned() }))
    }

    /// Remember what Python allowed, unless the tokens have changed since. changes: how often they had when it decided.
    pub fn learn(&self, question: &Question, changes: u64, caller: &str) {
        let Some(known) = &self.known else { return };
        let mut known = known.write().unwrap_or_else(|e| e.into_inner());
        if known.changes == changes && known.callers.len() < MOST {
            known.callers.insert(question.key, Arc::from(caller));
        }
    }

    /// Somebody has looked at the tokens, which have changed so often.
    pub fn looked(&self, changes: u64) {
        let Some(known) = &self.known else { return };
        let mut known = known.write().unwrap_or_else(|e| e.into_inner());
        known.looked = Instant::now();
        if known.changes != changes {
            known.changes = changes;
            known.callers.clear();
        }
    }
}

/// The token of the header `authorization: Bearer TOKEN`; of two headers Python sees the last. None for any other form.
fn token(metadata: &[(String, String)]) -> Option<&str> {
    let (_, text) = metadata.iter().rev().find(|(name, _)| name == "authorization")?;
    let (scheme, token) = text.split_at_checked("bearer ".len())?;
    (scheme.eq_ignore_ascii_case("bearer ") && !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic())).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Vec<(String, String)> {
        vec![("authorization".to_owned(), text.to_owned())]
    }

    #[test]
    fn only_what_was_allowed_is_known() {
        let access = Access::new(true);
        let Err(Some(question)) = access.caller(&header("Bearer one"), "/infer", "m") else { panic!("known already") };
        access.learn(&question, 0, "reports");
        assert_eq!(access.caller(&header("bearer one"), "/infer", "m").ok().as_deref(), Some("reports"));
        for (text, path, model) in [("Bearer two", "/infer", "m"), ("Bearer one", "/ready", "m"), ("Bearer one", "/infer", "n")] {
            assert!(access.caller(&header(text), path, model).is_err());
        }
        let twice = [header("Bearer one"), header("Bearer two")].concat();
        assert!(access.caller(&twice, "/infer", "m").is_err());
    }

    #[test]
    fn other_forms_are_never_remembered() {
        let access = Access::new(true);
        for text in ["Bearer  one", "Bearer one ", "Basic one", "one", "", "Bearer ", "Bearer \u{fffd}"] {
            assert!(matches!(access.caller(&header(text), "/infer", "m"), Err(None)));
        }
        assert!(matches!(access.caller(&[], "/infer", "m"), Err(None)));
    }

    #[test]
    fn a_change_forgets_everything_and_what_was_decided_before_it() {
        let access = Access::new(true);
        let Err(Some(question)) = access.caller(&header("Bearer one"), "/infer", "m") else { panic!("known already") };
        access.learn(&question, 0, "reports");
        access.looked(1);
        assert!(access.caller(&header("Bearer one"), "/infer", "m").is_err());
        access.learn(&question, 0, "reports");
        assert!(access.caller(&header("Bearer one"), "/infer", "m").is_err());
        access.learn(&question, 1, "reports");
        assert!(access.caller(&header("Bearer one"), "/infer", "m").is_ok());
    }
    #[test]
    fn without_a_look_nothing_is_known_any_more() {
        let access = Access::new(true);
        let Err(Some(question)) = access.caller(&header("Bearer one"), "/infer", "m") else { panic!("known already") };
        access.learn(&question, 0, "reports");
        if let Some(known) = &access.known {
            known.write().unwrap().looked -= FRESH;
        }
        assert!(access.caller(&header("Bearer one"), "/infer", "m").is_err());
        access.looked(0);
        assert!(access.caller(&header("Bearer one"), "/infer", "m").is_ok());
    }
}
