//! Whom a client of ours trusts.

use std::sync::Arc;

use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Why a client cannot speak TLS as it was set.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The authorities given besides the system's are none.
    #[error("the file holds no certificate in PEM that can be trusted")]
    Authorities,
    /// The library refuses its own defaults.
    #[error("TLS cannot be set up")]
    Library(#[source] tokio_rustls::rustls::Error),
}

/// A client that trusts the system's certificates and these, in PEM.
///
/// # Errors
/// [`TlsError`].
pub fn client_config(authorities: Option<&[u8]>) -> Result<ClientConfig, TlsError> {
    let mut roots = RootCertStore::empty();
    // A system without certificates trusts nobody; who speaks plain HTTP to a machine beside it needs none.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(pem) = authorities {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let certificates = certificates.ok().filter(|certificates| !certificates.is_empty());
        for certificate in certificates.ok_or(TlsError::Authorities)? {
            roots.add(certificate).map_err(|_| TlsError::Authorities)?;
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Library)?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
