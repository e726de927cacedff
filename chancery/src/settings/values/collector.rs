//! The URL of a collector of traces.

use ::url::Url;

use super::Value;

/// Where a collector's OTLP receiver listens: a base URL, under which each signal has a path of its own (OTLP 1.7,
/// "OTLP/HTTP Request").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectorUrl(Url);

impl CollectorUrl {
    /// Where traces go.
    #[must_use]
    pub fn traces(&self) -> String {
        format!("{}/v1/traces", self.0.as_str().trim_end_matches('/'))
    }

    /// Whether the connection is encrypted.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }
}

impl Value for CollectorUrl {
    fn from_text(text: &str) -> Result<Self, String> {
        let fits = |url: &Url| {
            let user = !url.username().is_empty() || url.password().is_some() || text.contains('@');
            let host = url.host_str().is_some_and(|host| !host.is_empty()) && url.port() != Some(0);
            let scheme = matches!(url.scheme(), "http" | "https");
            scheme && host && !user && url.query().is_none() && url.fragment().is_none()
        };
        Url::parse(text).ok().filter(fits).map(Self).ok_or_else(|| {
            "the URL of an OTLP collector such as http://127.0.0.1:4318 or https://otel.example.org, without a user"
                .to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_have_a_path_under_the_collectors_url() {
        for (text, traces, https) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces", false),
            ("https://otel.example.org/", "https://otel.example.org/v1/traces", true),
            ("https://otel.example.org/in/", "https://otel.example.org/in/v1/traces", true),
        ] {
            let url = CollectorUrl::from_text(text).expect(text);
            assert_eq!((url.traces().as_str(), url.is_https()), (traces, https));
        }
    }

    #[test]
    fn what_no_collector_can_have_is_refused() {
        for text in [
            "",
            "otel.example.org:4318",
            "grpc://otel.example.org",
            "http://",
            "http://user:pw@otel.example.org",
            "http://otel.example.org/?key=1",
            "http://otel.example.org:0",
        ] {
            assert!(CollectorUrl::from_text(text).is_err(), "{text}");
        }
    }
}
