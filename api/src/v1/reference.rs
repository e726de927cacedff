//! The readable page of the interface: every operation, every schema, and every kind of problem with its anchor.
//!
//! It is made from the description that programs read, in the language of that: English. It needs no cookie and no script.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use utoipa::openapi::OpenApi;

use super::kinds::Kind;
use crate::site::Site;

/// A line of a table.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// Of what kind it is.
    pub kind: String,
    /// What it says.
    pub text: String,
}

/// An operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Its anchor.
    pub anchor: String,
    /// Method and path.
    pub call: String,
    /// What it does, in a few words.
    pub title: String,
    /// What it does.
    pub text: String,
    /// The scope that it needs.
    pub scope: String,
    /// Its parameters.
    pub parameters: Vec<Line>,
    /// The schema of its body, if it has one.
    pub body: Option<String>,
    /// The answers that are no problems.
    pub answers: Vec<Line>,
}

/// A schema.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Its name, and anchor.
    pub name: String,
    /// What it is.
    pub text: String,
    /// Its fields, or the values that it can have.
    pub lines: Vec<Line>,
}

/// The whole page but its frame.
#[derive(Clone, Debug)]
pub struct Reference {
    title: String,
    text: String,
    version: String,
    operations: Vec<Operation>,
    shapes: Vec<Shape>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().replace('`', "")
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// What a schema is called in a table.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    if let Some(either) = schema["oneOf"].as_array() {
        return either.iter().map(kind).collect::<Vec<_>>().join(" | ");
    }
    match &schema["type"] {
        Value::String(name) if name == "array" => format!("[{}]", kind(&schema["items"])),
        Value::String(name) => match schema["format"].as_str() {
            Some(format) => format!("{name} ({format})"),
            None => name.clone(),
        },
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | "),
        _ => String::new(),
    }
}

fn operation(path: &str, method: &str, described: &Value) -> Operation {
    let parameters = described["parameters"].as_array().into_iter().flatten().map(|parameter| Line {
        name: text(&parameter["name"]),
        kind: format!("{}, {}", text(&parameter["in"]), kind(&parameter["schema"])),
        text: text(&parameter["description"]),
    });
    let body = &described["requestBody"]["content"]["application/json"]["schema"];
    let answers = members(&described["responses"]).filter(|(status, _)| status.as_str() < "400");
    let answers = answers.map(|(status, answer)| Line {
        name: status.clone(),
        kind: members(&answer["content"])
            .map(|(media, content)| format!("{media}: {}", kind(&content["schema"])))
            .collect::<Vec<_>>()
            .join(", "),
        text: text(&answer["description"]),
    });
    let scope = described["security"].as_array().into_iter().flatten().find_map(|one| one["secret"][0].as_str());
    Operation {
        anchor: text(&described["operationId"]),
        call: format!("{} {path}", method.to_uppercase()),
        title: text(&described["summary"]),
        text: text(&described["description"]),
        scope: scope.unwrap_or_default().to_owned(),
        parameters: parameters.collect(),
        body: (!body.is_null()).then(|| kind(body)),
        answers: answers.collect(),
    }
}

fn shape(name: &str, schema: &Value) -> Shape {
    let fields = members(&schema["properties"]).map(|(field, schema)| Line {
        name: field.clone(),
        kind: kind(schema),
        text: text(&schema["description"]),
    });
    let values = schema["enum"].as_array().into_iter().flatten();
    let values = values.map(|value| Line { name: text(value), kind: String::new(), text: String::new() });
    Shape { name: name.to_owned(), text: text(&schema["description"]), lines: fields.chain(values).collect() }
}

impl Reference {
    /// The page of a description.
    #[must_use]
    pub fn of(openapi: &OpenApi) -> Self {
        let described = serde_json::to_value(openapi).unwrap_or_default();
        let operations = members(&described["paths"])
            .flat_map(|(path, item)| members(item).map(move |(method, described)| operation(path, method, described)));
        Self {
            title: text(&described["info"]["title"]),
            text: text(&described["info"]["description"]),
            version: text(&described["info"]["version"]),
            operations: operations.collect(),
            shapes: members(&described["components"]["schemas"]).map(|(name, schema)| shape(name, schema)).collect(),
        }
    }
}

/// A kind of problem.
struct Explained {
    anchor: String,
    name: &'static str,
    status: u16,
    title: &'static str,
    advice: &'static str,
}

/// The headings and labels of the page.
struct Labels {
    skip: &'static str,
    operations: &'static str,
    schemas: &'static str,
    problems: &'static str,
    problems_text: &'static str,
    download: &'static str,
    scope: &'static str,
    parameters: &'static str,
    body: &'static str,
    answers: &'static str,
}

const LABELS: Labels = Labels {
    skip: "Skip to the content",
    operations: "Operations",
    schemas: "Schemas",
    problems: "Problems",
    problems_text: "Whatever goes wrong is answered as problem details (RFC 9457) with the content type \
                    application/problem+json. The type of a problem leads to its place here.",
    download: "The same for programs (OpenAPI 3.1)",
    scope: "Scope",
    parameters: "Parameters",
    body: "Body",
    answers: "Answers",
};

#[derive(Template)]
#[template(path = "reference.html")]
struct Page<'a> {
    service: &'a str,
    nonce: &'a str,
    labels: Labels,
    reference: &'a Reference,
    problems: Vec<Explained>,
}

/// `GET /v1/`.
pub async fn show(State(site): State<Site>, reference: Arc<Reference>) -> Response {
    let random: [u8; 16] = chancery_service::ports::random_array(&*site.app.random);
    let nonce = data_encoding::BASE64URL_NOPAD.encode(&random);
    let problems = Kind::ALL.map(|kind| Explained {
        anchor: kind.anchor(),
        name: kind.name(),
        status: kind.status(),
        title: kind.title(),
        advice: kind.advice(),
    });
    let page = Page {
        service: &site.service_name,
        nonce: &nonce,
        labels: LABELS,
        reference: &reference,
        problems: problems.into(),
    };
    let html = match page.render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a page cannot be rendered");
            return axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CONTENT_LANGUAGE, "en".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    (headers, html).into_response()
}
