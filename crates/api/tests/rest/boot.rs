//! Boot artefacts.

use crate::in_process::InProcess;
use actix_web::test::TestRequest;
use async_trait::async_trait;
use bytes::Bytes;
use ferric_api::{ApiConfig, AuthConfig, BootAnswer, BootError, BootSource};
use futures::StreamExt;
use std::sync::Arc;

const FILE: &[u8] = b"0123456789";

/// Range asked for, status, bytes, and the range told.
type Case = (Option<&'static str>, u16, &'static [u8], Option<&'static str>);

/// One file under one token.
#[derive(Debug)]
struct TenBytes;

#[async_trait]
impl BootSource for TenBytes {
    async fn open(&self, path: &str, _: bool) -> Result<BootAnswer, BootError> {
        match path {
            "token/boot.iso" => {}
            "token/broken" => return Err(BootError::Upstream("no kernel".to_owned())),
            _ => return Err(BootError::NotFound),
        }
        Ok(BootAnswer {
            total_bytes: 10,
            content_type: "application/vnd.efi-iso".to_owned(),
            etag: Some("\"a\"".to_owned()),
            read: Box::new(|range| {
                let part = Bytes::from_static(&FILE[range.start as usize..range.end as usize]);
                futures::stream::iter([Ok(part)]).boxed()
            }),
        })
    }

    async fn take_log(&self, path: &str, lines: &str) -> Result<(), BootError> {
        match (path, lines) {
            ("token/log", "one\ntwo") => Ok(()),
            _ => Err(BootError::NotFound),
        }
    }
}

#[actix_web::test]
async fn log_lines_of_installers_are_taken_up_to_a_limit() {
    let api = InProcess::with(ApiConfig::default(), &AuthConfig::default(), Arc::new(TenBytes)).await;
    let large = "x".repeat(64 * 1024 + 1);
    for (path, lines, status) in
        [("token/log", "one\ntwo", 204), ("other/log", "one\ntwo", 404), ("token/log", large.as_str(), 413)]
    {
        let request = TestRequest::post().uri(&format!("/boot/{path}")).set_payload(lines.to_owned());
        assert_eq!(api.send(request).await.status, status, "{path}");
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
async fn a_range_of_what_has_changed_is_not_served() {
    let api = InProcess::with(ApiConfig::default(), &AuthConfig::default(), Arc::new(TenBytes)).await;
    for (known, status) in [("\"a\"", 206), ("\"b\"", 200)] {
        let request = TestRequest::get()
            .uri("/boot/token/boot.iso")
            .insert_header(("Range", "bytes=0-3"))
            .insert_header(("If-Range", known));
        let answer = api.send(request).await;
        assert_eq!(answer.status.as_u16(), status, "{known}");
        assert_eq!(answer.header("etag"), Some("\"a\""));
        assert_eq!(answer.header("content-type"), Some("application/vnd.efi-iso"));
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
