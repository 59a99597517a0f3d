//! Checksums and reachability of images against a real origin.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test code")]

mod origin;

use std::time::Duration;

use ferric_artifacts::image::{ChecksumFields, ChecksumRule, ImageSource, check_reachable};
use ferric_artifacts::source::SourceConfig;
use origin::{Origin, Served, sources};
use url::Url;

const DEADLINE: Duration = Duration::from_secs(60);

fn rule(checksum: &str, image: &ImageSource) -> ChecksumRule {
    let fields = ChecksumFields { checksum: Some(checksum), ..ChecksumFields::default() };
    ChecksumRule::from_fields(fields, image, false).unwrap()
}

#[tokio::test]
async fn checksum_files_are_looked_up_within_limits() {
    let origin = Origin::start().await;
    let sources = sources(SourceConfig::default());
    let image = ImageSource::parse(&origin.url("/images/i.img?x=1")).unwrap();
    let resolve = async |path: &str| rule(&origin.url(path), &image).resolve(&sources, &image, false).await;
    let sums = format!("{}  other\n{} *i.img\n", "1".repeat(64), "2".repeat(64));
    origin.serve("/SUMS", Served { length: false, ..Served::new(sums) });
    assert_eq!(resolve("/SUMS").await.unwrap().hex(), "2".repeat(64));
    origin.serve("/others", Served::new(format!("{}  other\n", "1".repeat(64))));
    assert_eq!(resolve("/others").await.unwrap_err().kind(), "invalid");
    origin.serve("/weak", Served::new(format!("{}  i.img\n", "1".repeat(32))));
    assert_eq!(resolve("/weak").await.unwrap_err().kind(), "invalid", "MD5 is not allowed here");
    origin.serve("/huge", Served::new(vec![b' '; 1024 * 1024 + 1]));
    assert_eq!(resolve("/huge").await.unwrap_err().kind(), "too_large");
    assert_eq!(resolve("/absent").await.unwrap_err().kind(), "not_found");
}

#[tokio::test]
async fn no_file_is_hashed_by_who_does_not_serve_it() {
    let image = ImageSource::parse("file:///var/lib/ferric/i.img").unwrap();
    let rule = ChecksumRule::from_fields(ChecksumFields::default(), &image, false).unwrap();
    assert_eq!(rule, ChecksumRule::Served);
    let error = rule.resolve(&sources(SourceConfig::default()), &image, false).await.unwrap_err();
    assert_eq!(error.kind(), "invalid");
}

#[tokio::test]
async fn images_are_reachable_or_the_reason_is_named() {
    let origin = Origin::start().await;
    let sources = sources(SourceConfig::default());
    let check =
        async |path: &str| check_reachable(&sources, &Url::parse(&origin.url(path)).unwrap(), DEADLINE).await;
    origin.serve("/i.img", Served::new("12345"));
    origin.serve("/moved", Served { location: Some("/i.img".to_owned()), ..Served::new("") });
    let reached = check("/moved").await.unwrap();
    assert_eq!((reached.url.path(), reached.size_bytes), ("/i.img", Some(5)));
    origin.serve("/directory/", Served { head_status: Some(403), ..Served::new("") });
    assert!(check("/directory/").await.is_ok());
    for (status, kind) in
        [(403, "denied"), (401, "denied"), (404, "not_found"), (204, "bad_answer"), (500, "unreachable")]
    {
        origin.serve("/refused", Served { head_status: Some(status), ..Served::new("") });
        assert_eq!(check("/refused").await.unwrap_err().kind(), kind, "{status}");
    }
    // Connections are taken into the backlog, and nobody ever answers them.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/i.img", silent.local_addr().unwrap())).unwrap();
    let late = check_reachable(&sources, &url, Duration::from_millis(50)).await;
    assert_eq!(late.unwrap_err().kind(), "deadline");
}
