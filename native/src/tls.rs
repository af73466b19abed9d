//! TLS between a socket's bytes and HTTP/2's: rustls with the certificates of vajra_onnx/server/tls.py. Knows bytes, not sockets.

use std::io::{BufRead, ErrorKind, Write};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection};

use crate::http2::Broken;

/// From PEM: the server's certificate and the chain above it, its key, and the authorities of which clients must show a
/// certificate. The error is a text.
pub fn config(cert: &[u8], key: &[u8], client_ca: Option<&[u8]>) -> Result<Arc<ServerConfig>, String> {
    let chain = certificates(cert)?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|e| format!("the key cannot be read: {e}"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().map_err(text)?;
    let builder = match client_ca {
        None => builder.with_no_client_auth(),
        Some(pem) => {
            let mut authorities = RootCertStore::empty();
            for authority in certificates(pem)? {
                authorities.add(authority).map_err(text)?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(authorities), provider).build();
            builder.with_client_cert_verifier(verifier.map_err(text)?)
        }
    };
    let mut config = builder.with_single_cert(chain, key).map_err(text)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Arc::new(config))
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|e| format!("a certificate cannot be read: {e}"))
}

fn text(error: impl ToString) -> String {
    error.to_string()
}

/// One connection's.
pub struct Tls(ServerConnection);

impl Tls {
    pub fn new(config: Arc<ServerConfig>) -> Result<Self, Broken> {
        let mut connection = ServerConnection::new(config).map_err(|_| Broken)?;
        // What is put in is taken out at once.
        connection.set_buffer_limit(None);
        Ok(Self(connection))
    }

    pub fn is_handshaking(&self) -> bool {
        self.0.is_handshaking()
    }

    /// What the socket has brought; `take` is given what it says. Fails where the client has said goodbye, too.
    pub fn receive(&mut self, mut wire: &[u8], mut take: impl FnMut(&[u8]) -> Result<(), Broken>) -> Result<(), Broken> {
        while !wire.is_empty() {
            if self.0.read_tls(&mut wire).map_err(|_| Broken)? == 0 {
                return Err(Broken);
            }
            self.0.process_new_packets().map_err(|_| Broken)?;
            let mut reader = self.0.reader();
            loop {
                let length = match reader.fill_buf() {
                    Ok([]) => return Err(Broken),
                    Ok(plain) => {
                        take(plain)?;
                        plain.len()
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(_) => return Err(Broken),
                };
                reader.consume(length);
            }
        }
        Ok(())
    }

    /// What the socket shall take: these bytes encrypted, and before them what the handshake has to say, or an alert.
    pub fn send(&mut self, plain: &[u8], out: &mut Vec<u8>) -> Result<(), Broken> {
        self.0.writer().write_all(plain).map_err(|_| Broken)?;
        while self.0.wants_write() {
            self.0.write_tls(out).map_err(|_| Broken)?;
        }
        Ok(())
    }

    /// Say goodbye with the next `send`.
    pub fn close(&mut self) {
        self.0.send_close_notify();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_no_pem_is_refused(cert: Vec<u8>, key: Vec<u8>, authority: Vec<u8>) {
            prop_assert!(config(&cert, &key, None).is_err());
            prop_assert!(config(&cert, &key, Some(&authority)).is_err());
        }
    }

    #[test]
    fn half_a_pem_is_refused() {
        let cert = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(config(cert, cert, None).is_err());
        assert!(config(&cert[..40], b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", None).is_err());
    }
}
