//! The document that describes the API, held against what a real Ironic answered.

use crate::golden::FILES;
use crate::in_process::{BASE, InProcess};
use actix_web::test::TestRequest;
use ferric_api::rest::openapi_document;
use jsonschema::{Registry, Validator};
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// The document, with the validators made so far.
struct Described {
    document: Value,
    validators: HashMap<String, Validator>,
}

impl Described {
    fn new() -> Self {
        Self { document: openapi_document(), validators: HashMap::new() }
    }

    /// JSON pointer to the operation for a path as it was requested: the template with the most parts spelled out.
    fn operation(&self, method: &str, path: &str) -> Option<String> {
        let path = path.split('?').next().unwrap().trim_end_matches('/');
        let path =
            if path.starts_with("/v1") || path.is_empty() { path.to_owned() } else { format!("/v1{path}") };
        let path = if path.is_empty() { "/" } else { &path };
        let given: Vec<&str> = path.split('/').collect();
        let fits = |template: &&String| {
            let parts: Vec<&str> = template.split('/').collect();
            parts.len() == given.len()
                && parts.iter().zip(&given).all(|(part, given)| part.starts_with('{') || part == given)
        };
        let templates = self.document["paths"].as_object().unwrap().keys().filter(fits);
        let template = templates.min_by_key(|template| template.matches('{').count())?;
        let pointer = format!("/paths/{}/{}", escaped(template), method.to_lowercase());
        self.document.pointer(&pointer).map(|_| pointer)
    }

    /// What is wrong with an instance by the schema at a pointer.
    fn faults(&mut self, pointer: &str, instance: &Value) -> Vec<String> {
        let document = &self.document;
        let validator = self.validators.entry(pointer.to_owned()).or_insert_with(|| {
            let registry = Registry::new().add("urn:api", document.clone()).unwrap().prepare().unwrap();
            let reference =
                json!({"$ref": format!("urn:api#{}", pointer.replace('{', "%7B").replace('}', "%7D"))});
            jsonschema::options()
                .with_registry(&registry)
                .should_validate_formats(true)
                .build(&reference)
                .unwrap()
        });
        validator.iter_errors(instance).map(|error| format!("{} {error}", error.instance_path())).collect()
    }

    /// The pointer to the response of an operation for a status.
    fn response(&self, operation: &str, status: u64) -> Option<String> {
        let pointer = format!("{operation}/responses/{status}");
        let response = self.document.pointer(&pointer)?;
        Some(response["$ref"].as_str().map_or(pointer, |reference| reference[1..].to_owned()))
    }
}

fn escaped(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}

/// The body with an identity in place of what an earlier answer would have given.
fn filled(value: &Value) -> Value {
    match value {
        Value::String(text) if text.starts_with('{') && text.ends_with('}') => Uuid::nil().to_string().into(),
        Value::Array(items) => items.iter().map(filled).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), filled(value))).collect(),
        plain => plain.clone(),
    }
}

#[test]
fn the_recorded_answers_are_as_the_document_says() {
    let mut described = Described::new();
    let (mut faults, mut answers, mut bodies) = (Vec::new(), 0, 0);
    for line in FILES.iter().flat_map(|file| file.lines()) {
        let line: Value = serde_json::from_str(line).unwrap();
        let Some(response) = line.get("response") else { continue };
        let (request, status) = (&line["request"], response["status"].as_u64().unwrap());
        let name = format!("{} ({} {})", line["name"], request["method"], request["path"]);
        let method = request["method"].as_str().unwrap();
        let Some(operation) = described.operation(method, request["path"].as_str().unwrap()) else {
            // What is no operation was not there for the other side either.
            assert!(
                [404, 405].contains(&status) || ["HEAD", "OPTIONS"].contains(&method),
                "{name} is not described"
            );
            continue;
        };
        let Some(pointer) = described.response(&operation, status) else {
            faults.push(format!("{name}: {status} is not described"));
            continue;
        };
        let body = &response["body"];
        let content = described.document.pointer(&format!("{pointer}/content")).is_some();
        if content == body.is_null() {
            faults.push(format!("{name}: has a body: {}", !body.is_null()));
        } else if content {
            answers += 1;
            let found = described.faults(&format!("{pointer}/content/application~1json/schema"), body);
            faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
        }
        let taken = format!("{operation}/requestBody/content/application~1json/schema");
        if let Some(sent) = request.get("body").filter(|_| status < 300)
            && described.document.pointer(&taken).is_some()
        {
            bodies += 1;
            let found = described.faults(&taken, &filled(sent));
            faults.extend(found.into_iter().map(|fault| format!("{name}: sent: {fault}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(answers > 300 && bodies > 50, "only {answers} answers and {bodies} bodies were looked at");
}

#[test]
fn what_is_wrong_is_found() {
    let mut described = Described::new();
    let schema = "/components/schemas/Node";
    assert_eq!(described.faults(schema, &json!({"uuid": 5, "links": []})).len(), 2);
    assert_eq!(described.faults(schema, &json!({"colour": 5})).len(), 2);
}

#[actix_web::test]
async fn the_document_is_served_to_everybody() {
    let api = InProcess::new().await;
    let answer = api.send(TestRequest::get().uri("/openapi.json")).await;
    let mut served = answer.json();
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(served["servers"], json!([{"url": BASE}]));
    served.as_object_mut().unwrap().remove("servers");
    assert_eq!(served, openapi_document());
}
