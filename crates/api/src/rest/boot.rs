//! Boot artefacts over HTTP, for BMCs and firmware.
//!
//! Source: RFC 9110 section 14 for ranges; a single one is served, as every BMC asks for.

use crate::boot_source::{BootAnswer, BootError, BootSource};
use actix_web::body::SizedStream;
use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use futures::TryStreamExt;
use std::ops::Range;
use std::sync::Arc;

/// What the routes of the boot service work with.
#[derive(Debug, Clone)]
pub(crate) struct BootRoutes(pub Arc<dyn BootSource>);

/// Most bytes of one request with log lines.
const MOST_LOG_BYTES: usize = 64 * 1024;

/// Mounts the boot service.
pub(crate) fn mount(service: &mut web::ServiceConfig) {
    let files = web::resource("/boot/{path:.*}").app_data(web::PayloadConfig::new(MOST_LOG_BYTES));
    service.service(files.route(web::get().to(get)).route(web::head().to(get)).route(web::post().to(log)));
}

/// `POST /boot/{token}/log`: lines of an installer's log, as they are.
async fn log(path: web::Path<String>, body: web::Bytes, routes: web::Data<BootRoutes>) -> HttpResponse {
    match routes.0.take_log(&path, &String::from_utf8_lossy(&body)).await {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(error) => refuse(&error),
    }
}

/// `GET /boot/{path}`
async fn get(request: HttpRequest, path: web::Path<String>, routes: web::Data<BootRoutes>) -> HttpResponse {
    let head = request.method() == Method::HEAD;
    match routes.0.open(&path, head).await {
        Ok(answer) => {
            let asked = asked(&request, answer.etag.as_deref());
            respond(answer, asked, head)
        }
        Err(error) => refuse(&error),
    }
}

/// The range that is asked for, unless it is only wanted of a file that has changed since.
fn asked(request: &HttpRequest, etag: Option<&str>) -> Option<Asked> {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let unchanged = text(header::IF_RANGE).is_none_or(|known| Some(known) == etag);
    text(header::RANGE).filter(|_| unchanged).and_then(parse)
}

/// A range as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    /// From here to there, the end excluded; up to the end of the file if it is too far.
    Part(Range<u64>),
    /// So many bytes at the end.
    Last(u64),
}

/// Reads a `Range` header; none for what is not a single range of bytes, which is then ignored.
fn parse(text: &str) -> Option<Asked> {
    let (first, last) = text.trim().strip_prefix("bytes=")?.split_once('-')?;
    let number = |part: &str| part.trim().parse::<u64>();
    match (first.trim().is_empty(), last.trim().is_empty()) {
        (true, false) => number(last).ok().filter(|count| *count > 0).map(Asked::Last),
        (false, true) => number(first).ok().map(|start| Asked::Part(start..u64::MAX)),
        (false, false) => {
            let (start, last) = (number(first).ok()?, number(last).ok()?);
            (start <= last).then(|| Asked::Part(start..last.saturating_add(1)))
        }
        (true, true) => None,
    }
}

fn respond(answer: BootAnswer, asked: Option<Asked>, head: bool) -> HttpResponse {
    let total = answer.total_bytes;
    let (mut response, range) = match asked {
        None => (HttpResponse::Ok(), 0..total),
        Some(asked) => {
            let range = match asked {
                Asked::Part(range) => range.start..range.end.min(total),
                Asked::Last(count) => total.saturating_sub(count)..total,
            };
            if range.start >= total {
                return HttpResponse::RangeNotSatisfiable()
                    .insert_header((header::CONTENT_RANGE, format!("bytes */{total}")))
                    .finish();
            }
            let mut response = HttpResponse::PartialContent();
            let text = format!("bytes {}-{}/{total}", range.start, range.end.saturating_sub(1));
            response.insert_header((header::CONTENT_RANGE, text));
            (response, range)
        }
    };
    described(&mut response, &answer);
    let length = range.end - range.start;
    if head {
        // The length of what GET would send, without sending it.
        return response.body(SizedStream::new(length, futures::stream::empty::<Sent>()));
    }
    response.body(SizedStream::new(length, (answer.read)(range).map_err(std::io::Error::other)))
}

type Sent = Result<bytes::Bytes, std::io::Error>;

fn described(response: &mut HttpResponseBuilder, answer: &BootAnswer) {
    response.insert_header((header::CONTENT_TYPE, answer.content_type.clone()));
    response.insert_header((header::ACCEPT_RANGES, "bytes"));
    if let Some(etag) = &answer.etag {
        response.insert_header((header::ETAG, etag.clone()));
    }
}

fn refuse(error: &BootError) -> HttpResponse {
    match error {
        BootError::NotFound => HttpResponse::NotFound().finish(),
        BootError::Upstream(reason) => {
            tracing::warn!(reason, "a boot artefact could not be made");
            HttpResponse::BadGateway().finish()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_ranges_are_understood_and_others_ignored() {
        let cases = [
            ("bytes=0-0", Some(Asked::Part(0..1))),
            ("bytes=10-19", Some(Asked::Part(10..20))),
            ("bytes=10-", Some(Asked::Part(10..u64::MAX))),
            ("bytes=-5", Some(Asked::Last(5))),
            ("bytes=-0", None),
            ("bytes=5-4", None),
            ("bytes=-", None),
            ("bytes=0-1,3-4", None),
            ("items=0-1", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
