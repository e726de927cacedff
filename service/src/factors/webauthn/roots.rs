//! The certificates that an operator trusts to vouch for the make of keys.

use chancery_domain::policy::RequiredAttestation;
use minicbor::bytes::ByteArray;
use webauthn_rs::prelude::AttestationCaList;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Root certificates, each with its SHA-256.
#[derive(Clone, Debug, Default)]
pub struct Roots(Vec<(ByteArray<32>, AttestationCaList)>);

impl Roots {
    /// Reads PEM; `None` if there is no certificate in it, or something else between its lines.
    #[must_use]
    pub fn read(pem: &str) -> Option<Self> {
        let certificates = pem.match_indices(BEGIN).map(|(begin, _)| {
            let rest = pem.get(begin..)?;
            let end = rest.find(END)? + END.len();
            let list = AttestationCaList::try_from(rest.get(..end)?.as_bytes()).ok()?;
            let kid: [u8; 32] = *list.cas().keys().next()?.as_ref();
            Some((ByteArray::from(kid), list))
        });
        let roots: Vec<_> = certificates.collect::<Option<_>>()?;
        (!roots.is_empty()).then_some(Self(roots))
    }

    /// The SHA-256 of each, in order.
    #[must_use]
    pub fn fingerprints(&self) -> Vec<ByteArray<32>> {
        let mut fingerprints: Vec<_> = self.0.iter().map(|(fingerprint, _)| *fingerprint).collect();
        fingerprints.sort_unstable();
        fingerprints.dedup();
        fingerprints
    }

    /// Those of them that a policy trusts.
    #[must_use]
    pub fn trusted_by(&self, required: &RequiredAttestation) -> AttestationCaList {
        let mut trusted = AttestationCaList::default();
        for (_, root) in self.0.iter().filter(|(fingerprint, _)| required.roots.contains(fingerprint)) {
            trusted.union(root);
        }
        trusted
    }
}
