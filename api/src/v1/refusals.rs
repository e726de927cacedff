//! What every operation may be refused with, for the description of the interface.

use std::collections::BTreeMap;

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::{ContentBuilder, Object, Ref, RefOr, Response, ResponseBuilder, Type};
use utoipa::{IntoResponses, ToSchema};

use super::kinds::Kind;
use super::problem::{CONTENT_TYPE, ProblemBody};

/// The problems, by their status.
#[derive(Debug)]
pub struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut responses = BTreeMap::new();
        for status in Kind::ALL.map(Kind::status) {
            let of_status = Kind::ALL.into_iter().filter(|kind| kind.status() == status);
            let names: Vec<String> = of_status.map(|kind| format!("`{}`: {}.", kind.name(), kind.title())).collect();
            let schema = Ref::from_schema_name(ProblemBody::name());
            let content = ContentBuilder::new().schema(Some(schema)).build();
            let mut response = ResponseBuilder::new().description(names.join(" ")).content(CONTENT_TYPE, content);
            let text = |words: &str| {
                HeaderBuilder::new().schema(Some(Object::with_type(Type::String))).description(Some(words)).build()
            };
            if matches!(status, 429 | 503) {
                response = response.header("Retry-After", text("Seconds after which it is worth trying again."));
            }
            if matches!(status, 401 | 403) {
                response = response.header("WWW-Authenticate", text("What is asked for (RFC 6750)."));
            }
            responses.insert(status.to_string(), response.build().into());
        }
        responses
    }
}
