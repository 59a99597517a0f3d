//! Boot artefacts over HTTP, for BMCs and firmware.
//!
//! Source: RFC 9110 section 14 for ranges; a single one is served, as every BMC asks for.

use super::app::App;
use crate::boot_source::{BootAnswer, BootError, BootSource};
use actix_web::body::SizedStream;
use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use futures::TryStreamExt;
use std::ops::Range;

/// `GET /boot/{token}/{file}`
pub(crate) async fn get(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    app: web::Data<App>,
) -> HttpResponse {
    let (token, file) = path.into_inner();
    let head = request.method() == Method::HEAD;
    let asked = request.headers().get(header::RANGE).and_then(|value| value.to_str().ok()).and_then(parse);
    match open(&*app.boot, &token, &file, asked, head).await {
        Ok((answer, range)) => respond(answer, range, head),
        Err(error) => refuse(&error),
    }
}

/// Opens what was asked for; the range given back lies within the file.
async fn open(
    source: &dyn BootSource,
    token: &str,
    file: &str,
    asked: Option<Asked>,
    head: bool,
) -> Result<(BootAnswer, Option<Range<u64>>), BootError> {
    let Some(asked) = asked else {
        let nothing = head.then_some(0..0);
        return Ok((source.open(token, file, nothing).await?, None));
    };
    let range = match asked {
        Asked::Part(range) => range,
        Asked::Last(count) => {
            // How long the file is must be known before its last bytes can be.
            let total = source.open(token, file, Some(0..0)).await?.total_bytes;
            total.saturating_sub(count)..total
        }
    };
    let answer = source.open(token, file, Some(range.clone())).await?;
    let total_bytes = answer.total_bytes;
    if range.start >= total_bytes {
        return Err(BootError::Range { total_bytes });
    }
    Ok((answer, Some(range.start..range.end.min(total_bytes))))
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

fn respond(answer: BootAnswer, range: Option<Range<u64>>, head: bool) -> HttpResponse {
    let total = answer.total_bytes;
    let (mut response, length) = match range {
        Some(range) => {
            let mut response = HttpResponse::PartialContent();
            let text = format!("bytes {}-{}/{total}", range.start, range.end.saturating_sub(1));
            response.insert_header((header::CONTENT_RANGE, text));
            (response, range.end - range.start)
        }
        None => (HttpResponse::Ok(), total),
    };
    described(&mut response, &answer.content_type);
    if head {
        // The length of what GET would send, without sending it.
        return response.body(SizedStream::new(length, futures::stream::empty::<Sent>()));
    }
    response.body(SizedStream::new(length, answer.stream.map_err(std::io::Error::other)))
}

type Sent = Result<bytes::Bytes, std::io::Error>;

fn described(response: &mut HttpResponseBuilder, content_type: &str) {
    response.insert_header((header::CONTENT_TYPE, content_type.to_owned()));
    response.insert_header((header::ACCEPT_RANGES, "bytes"));
}

fn refuse(error: &BootError) -> HttpResponse {
    match error {
        BootError::NotFound => HttpResponse::NotFound().finish(),
        BootError::Range { total_bytes } => HttpResponse::RangeNotSatisfiable()
            .insert_header((header::CONTENT_RANGE, format!("bytes */{total_bytes}")))
            .finish(),
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
