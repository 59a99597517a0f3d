//! Reading the body of a request within its limits.
//!
//! Source: `contract: rest-api` section 1: size and depth are refused before anything else looks at the body.

use super::error::Fault;
use super::route::Body;
use crate::config::ApiConfig;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, web};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use serde_json::Value;
use std::time::Duration;

const TOO_LARGE: &str = "Request body is too large. Please contact the service administrator.";
const TOO_DEEP: &str = "Request body JSON is nested too deeply. Please contact the service administrator.";

/// Reads the body.
///
/// **Errors**: 408 when it does not come in in time, 413 when it is too large, 400 when it is nested too deeply or breaks off.
pub(crate) async fn read(
    request: &HttpRequest,
    mut payload: web::Payload,
    config: &ApiConfig,
) -> Result<Bytes, Fault> {
    let limit = limit(request.path(), config);
    let patience = Duration::from_secs(config.limits.body_timeout_secs);
    let body = tokio::time::timeout(patience, collect(&mut payload, limit))
        .await
        .map_err(|_| Fault::too_slow())??;
    let is_json = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|text| text.contains("json"));
    if depth(&body) > if is_json { config.max_json_depth } else { MAX_DEPTH } {
        return Err(Fault::unread(400, TOO_DEEP));
    }
    Ok(body.freeze())
}

async fn collect(payload: &mut web::Payload, limit: usize) -> Result<BytesMut, Fault> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Fault::unread(400, "The request body broke off."))?;
        if body.len() + chunk.len() > limit {
            return Err(Fault::unread(413, TOO_LARGE));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// How deep the parser goes at most.
const MAX_DEPTH: usize = 100;

fn limit(path: &str, config: &ApiConfig) -> usize {
    let path = path.trim_matches('/');
    if path.ends_with("states/provision") {
        config.max_provision_body_bytes
    } else if path.ends_with("continue_inspection") {
        config.max_inspection_body_bytes
    } else if ["v1/bulk", "bulk"].contains(&path) {
        config.max_bulk_body_bytes
    } else {
        config.max_body_bytes
    }
}

/// How deeply objects and lists are nested, without parsing them.
fn depth(body: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    let (mut in_text, mut escaped) = (false, false);
    for byte in body {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (true, b'"') => in_text = false,
            (true, _) => {}
            (false, b'"') => in_text = true,
            (false, b'{' | b'[') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            (false, _) => {}
        }
    }
    deepest
}

/// Parses the body as its route wants it; nothing at all stands for an empty object.
///
/// **Errors**: 400 for what is no JSON, or no object where members are wanted.
pub(crate) fn parse(body: &Bytes, wanted: Body) -> Result<Value, Fault> {
    if wanted == Body::Ignored {
        return Ok(Value::Null);
    }
    if body.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| Fault::invalid(format!("The request body is not valid JSON: {error}")))?;
    if wanted == Body::Members && !value.is_object() {
        return Err(Fault::invalid("The request body must be a JSON object."));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_counted_outside_of_texts() {
        assert_eq!(depth(b""), 0);
        assert_eq!(depth(br#"{"a": [1, {"b": []}]}"#), 4);
        assert_eq!(depth(br#"{"a": "[[[\"[[", "b": "\\"}"#), 1);
        assert_eq!(depth(b"]]]]["), 1);
    }

    #[test]
    fn only_json_is_taken() {
        let parsed = |text: &'static str, wanted| parse(&Bytes::from_static(text.as_bytes()), wanted);
        assert!(parsed("", Body::Document).unwrap().is_object());
        assert_eq!(parsed("{\"driver\": ", Body::Document).unwrap_err().status, 400);
        assert_eq!(parsed("[]", Body::Members).unwrap_err().status, 400);
        assert!(parsed("not json", Body::Ignored).unwrap().is_null());
    }
}
