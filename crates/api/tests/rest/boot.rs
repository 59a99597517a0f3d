//! Boot artefacts.

use crate::in_process::InProcess;
use actix_web::test::TestRequest;
use async_trait::async_trait;
use bytes::Bytes;
use ferric_api::{ApiConfig, AuthConfig, BootAnswer, BootError, BootSource};
use futures::StreamExt;
use std::ops::Range;
use std::sync::Arc;

const FILE: &[u8] = b"0123456789";

/// Range asked for, status, bytes, and the range told.
type Case = (Option<&'static str>, u16, &'static [u8], Option<&'static str>);

/// One file under one token.
#[derive(Debug)]
struct TenBytes;

#[async_trait]
impl BootSource for TenBytes {
    async fn open(
        &self,
        token: &str,
        file: &str,
        range: Option<Range<u64>>,
    ) -> Result<BootAnswer, BootError> {
        match (token, file) {
            ("token", "boot.iso") => {}
            ("token", "broken") => return Err(BootError::Upstream("no kernel".to_owned())),
            _ => return Err(BootError::NotFound),
        }
        let range = range.unwrap_or(0..u64::MAX);
        let (start, end) = (range.start.min(10) as usize, range.end.min(10) as usize);
        let stream = futures::stream::iter([Ok(Bytes::from_static(&FILE[start..end]))]).boxed();
        Ok(BootAnswer { total_bytes: 10, content_type: "application/octet-stream".to_owned(), stream })
    }
}

#[actix_web::test]
async fn ranges_are_served_as_firmware_asks_for_them() {
    let api = InProcess::with(ApiConfig::default(), &AuthConfig::default(), Arc::new(TenBytes)).await;
    let cases: [Case; 6] = [
        (None, 200, FILE, None),
        (Some("bytes=0-3"), 206, b"0123", Some("bytes 0-3/10")),
        (Some("bytes=8-"), 206, b"89", Some("bytes 8-9/10")),
        (Some("bytes=-3"), 206, b"789", Some("bytes 7-9/10")),
        (Some("bytes=5-99"), 206, b"56789", Some("bytes 5-9/10")),
        (Some("bytes=10-"), 416, b"", Some("bytes */10")),
    ];
    for (range, status, bytes, content_range) in cases {
        let mut request = TestRequest::get().uri("/boot/token/boot.iso");
        if let Some(range) = range {
            request = request.insert_header(("Range", range));
        }
        let answer = api.send(request).await;
        assert_eq!((answer.status.as_u16(), answer.bytes.as_slice()), (status, bytes), "{range:?}");
        assert_eq!(answer.header("content-range"), content_range, "{range:?}");
    }
}

#[actix_web::test]
async fn what_cannot_be_booted_is_told_apart() {
    let api = InProcess::with(ApiConfig::default(), &AuthConfig::default(), Arc::new(TenBytes)).await;
    for (path, status) in
        [("/boot/other/boot.iso", 404), ("/boot/token/other", 404), ("/boot/token/broken", 502)]
    {
        assert_eq!(api.get(path).await.status, status, "{path}");
    }
}
