//! Reads of sources against an origin that misbehaves.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test code")]

mod origin;

use std::ops::Range;

use bytes::Bytes;
use ferric_artifacts::Result;
use ferric_artifacts::source::{Source, SourceConfig, SourceFacts, Sources};
use futures::TryStreamExt;
use origin::{Origin, Served, sources};

fn content() -> Vec<u8> {
    (0..100_000u32).flat_map(u32::to_le_bytes).collect()
}

async fn read(sources: &Sources, source: &Source, facts: &SourceFacts, range: Range<u64>) -> Result<Vec<u8>> {
    let pieces: Vec<Bytes> = sources.stream(source, facts, range).try_collect().await?;
    Ok(pieces.concat())
}

fn defaults() -> Sources {
    sources(SourceConfig::default())
}

#[tokio::test]
async fn a_broken_body_is_resumed_where_it_broke() {
    let origin = Origin::start().await;
    let served = Served { cut_after: Some(150_000), ..Served::new(content()) };
    let (sources, source) = (defaults(), origin.serve("/k", served));
    let facts = sources.facts(&source).await.unwrap();
    assert_eq!(facts.size_bytes, 400_000);
    origin.take_asked();
    assert!(read(&sources, &source, &facts, 10..400_000).await.unwrap() == content()[10..]);
    let starts: Vec<usize> = origin.take_asked().iter().map(|asked| asked.range.unwrap().0).collect();
    assert_eq!(starts, [10, 150_010, 300_010]);
}

#[tokio::test]
async fn resuming_without_progress_ends() {
    let origin = Origin::start().await;
    let served = Served { cut_after: Some(0), ..Served::new(content()) };
    let source = origin.serve("/k", served);
    let sources = defaults();
    let facts = sources.facts(&source).await.unwrap();
    let error = read(&sources, &source, &facts, 0..100).await.unwrap_err();
    assert_eq!((error.kind(), error.retryable()), ("unreachable", true));
    let gets = origin.take_asked().iter().filter(|asked| asked.method == "GET").count();
    assert_eq!(gets, SourceConfig::default().attempts as usize);
}

#[tokio::test]
async fn an_origin_without_ranges_still_serves_them() {
    let origin = Origin::start().await;
    let sources = defaults();
    for length in [true, false] {
        let served = Served { ranges: false, length, ..Served::new(content()) };
        let source = origin.serve("/k", served);
        let facts = SourceFacts { size_bytes: 400_000, etag: None, last_modified: None };
        assert!(read(&sources, &source, &facts, 5..300_007).await.unwrap() == content()[5..300_007]);
    }
}

#[tokio::test]
async fn lengths_are_found_where_head_is_refused() {
    let origin = Origin::start().await;
    for (status, ranges) in [(405, true), (403, true), (501, false), (400, false)] {
        let served = Served { head_status: Some(status), ranges, ..Served::new(content()) };
        let source = origin.serve(&format!("/{status}"), served);
        assert_eq!(defaults().facts(&source).await.unwrap().size_bytes, 400_000, "{status}");
    }
    let nothing = origin.serve("/empty", Served { head_status: Some(405), ..Served::new("") });
    assert_eq!(defaults().facts(&nothing).await.unwrap().size_bytes, 0);
    let mute = Served { length: false, ranges: false, ..Served::new(content()) };
    let error = defaults().facts(&origin.serve("/mute", mute)).await.unwrap_err();
    assert_eq!((error.kind(), error.retryable()), ("bad_answer", false));
}

#[tokio::test]
async fn a_replaced_source_is_noticed_and_asked_anew() {
    let origin = Origin::start().await;
    let sources = defaults();
    let source = origin.serve("/k", Served::new(content()));
    let before = sources.facts(&source).await.unwrap();
    origin.serve("/k", Served { etag: Some("\"v2\""), ..Served::new(content()) });
    assert_eq!(sources.facts(&source).await.unwrap(), before, "believed for a while");
    let error = read(&sources, &source, &before, 0..10).await.unwrap_err();
    assert_eq!((error.kind(), error.retryable()), ("changed", true));
    let after = sources.facts(&source).await.unwrap();
    assert_ne!(after, before);
    assert_eq!(read(&sources, &source, &after, 0..4).await.unwrap(), [0; 4]);
    origin.serve("/k", Served { etag: Some("\"v2\""), ..Served::new("short") });
    assert_eq!(read(&sources, &source, &after, 0..10).await.unwrap_err().kind(), "changed");
    assert_eq!(sources.facts(&source).await.unwrap().size_bytes, 5);
}

#[tokio::test]
async fn passing_trouble_is_waited_out_and_lasting_trouble_reported() {
    let origin = Origin::start().await;
    let sources = defaults();
    let source = origin.serve("/k", Served { unavailable: 2, ..Served::new(content()) });
    assert_eq!(sources.facts(&source).await.unwrap().size_bytes, 400_000);
    let source = origin.serve("/k2", Served { unavailable: 1000, ..Served::new(content()) });
    origin.take_asked();
    assert_eq!(sources.facts(&source).await.unwrap_err().kind(), "unreachable");
    assert_eq!(origin.take_asked().len(), 4);

    let missing = Source::parse("k", &origin.url("/missing?sig=hunter2")).unwrap();
    let error = sources.facts(&missing).await.unwrap_err();
    assert_eq!((error.kind(), error.retryable()), ("not_found", false));
    assert!(!error.to_string().contains("hunter2"));
    assert_eq!(origin.take_asked().len(), 1, "what is absent is not asked for again");

    let closed = Source::parse("k", "http://u:hunter2@127.0.0.1:1/k?sig=hunter2").unwrap();
    let error = sources.facts(&closed).await.unwrap_err();
    assert_eq!((error.kind(), error.retryable()), ("unreachable", true));
    assert!(!format!("{error:?} {error}").contains("hunter2"), "{error:?}");
}

#[tokio::test]
async fn redirects_are_followed_but_not_for_ever() {
    let origin = Origin::start().await;
    let sources = defaults();
    origin.serve("/k", Served::new(content()));
    let source = origin.serve("/moved", Served { location: Some("/k".to_owned()), ..Served::new("") });
    let facts = sources.facts(&source).await.unwrap();
    assert_eq!(read(&sources, &source, &facts, 4..8).await.unwrap(), [1, 0, 0, 0]);
    let source = origin.serve("/loop", Served { location: Some("/loop".to_owned()), ..Served::new("") });
    assert_eq!(sources.facts(&source).await.unwrap_err().kind(), "bad_answer");
}

#[tokio::test]
async fn small_reads_have_a_limit() {
    let origin = Origin::start().await;
    let sources = defaults();
    for length in [true, false] {
        let served = Served { length, ..Served::new("12345") };
        let source = origin.serve("/sums", served);
        assert_eq!(sources.read(&source, 5).await.unwrap(), "12345");
        assert_eq!(sources.read(&source, 4).await.unwrap_err().kind(), "too_large");
    }
}

#[tokio::test]
async fn many_askers_share_one_question() {
    let origin = Origin::start().await;
    let (sources, source) = (defaults(), origin.serve("/k", Served::new(content())));
    let asks = (0..50).map(|_| sources.facts(&source));
    for facts in futures::future::join_all(asks).await {
        assert_eq!(facts.unwrap().size_bytes, 400_000);
    }
    assert_eq!(origin.take_asked().len(), 1);
}
