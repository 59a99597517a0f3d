//! Collects what goes out and tells it when it says something new.
//!
//! A rung of the ladder (asked for the length, asked for the file, every byte, a failure) is told at once; what lies
//! between two of them at most once in a while, and only when a noteworthy part of the file has gone out since. However
//! many ranges a BMC reads a file in, the number of reports is bounded by the number of percents.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ferric_model::boot::BootFetch;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::coverage::Coverage;
use crate::Tickets;

/// How often it is looked for what is worth telling.
const ROUND: Duration = Duration::from_secs(5);
/// Files that are remembered at once.
const FILES: usize = 4096;
/// How long a file is remembered that nobody reads.
const FORGET: Duration = Duration::from_secs(3600);
/// The part of a file, as one over this, that is worth a report.
const NOTEWORTHY: u64 = 100;

type Key = (String, &'static str);

/// What goes out, by attempt and file.
#[derive(Debug, Default)]
pub(crate) struct Tracker {
    files: Mutex<HashMap<Key, Seen>>,
    bell: Notify,
}

/// One reader of one file.
#[derive(Debug, Clone)]
pub(crate) struct Watch {
    tracker: Arc<Tracker>,
    key: Key,
    /// The parts of the file that count.
    essential: Vec<Range<u64>>,
}

#[derive(Debug)]
struct Seen {
    coverage: Coverage,
    /// What was not told yet.
    news: BootFetch,
    /// All bytes counted so far.
    bytes: u64,
    /// What was told before.
    head: bool,
    get: bool,
    error: Option<String>,
    /// Whether the news should not wait for the next round.
    urgent: bool,
    touched: Instant,
}

impl Tracker {
    /// Takes note of a request for a file.
    pub(crate) fn asked(
        self: &Arc<Self>,
        token: &str,
        file: &'static str,
        head: bool,
        essential: Vec<Range<u64>>,
    ) -> Watch {
        let total_bytes = essential.iter().map(|part| part.end - part.start).sum();
        let watch = Watch { tracker: Arc::clone(self), key: (token.to_owned(), file), essential };
        watch.change(|seen| {
            seen.news.total_bytes = total_bytes;
            seen.error = None;
            let told = if head { &mut seen.head } else { &mut seen.get };
            if !std::mem::replace(told, true) {
                if head {
                    seen.news.head = true;
                } else {
                    seen.news.get = true;
                }
                seen.urgent = true;
            }
        });
        watch
    }

    /// Takes note of a file that could not be made.
    pub(crate) fn failed(self: &Arc<Self>, token: &str, file: &'static str, head: bool, why: &str) {
        self.asked(token, file, head, Vec::new()).broken(why);
    }

    /// Tells until told to stop, and then once more.
    pub(crate) async fn run(&self, tickets: &dyn Tickets, stop: CancellationToken) {
        loop {
            let stopping = tokio::select! {
                () = stop.cancelled() => true,
                () = self.bell.notified() => false,
                () = tokio::time::sleep(ROUND) => false,
            };
            self.tell(tickets, stopping).await;
            if stopping {
                return;
            }
        }
    }

    async fn tell(&self, tickets: &dyn Tickets, everything: bool) {
        for (token, fetches) in self.take_news(everything) {
            if let Err(error) = tickets.report(&token, fetches.clone()).await {
                tracing::warn!(%error, "what a node fetched could not be told; it is told later");
                self.put_back(&token, fetches);
            }
        }
    }

    /// What is worth telling, by attempt.
    fn take_news(&self, everything: bool) -> HashMap<String, Vec<BootFetch>> {
        let mut files = self.lock();
        files.retain(|_, seen| seen.is_worth(true) || seen.touched.elapsed() < FORGET);
        let mut news: HashMap<String, Vec<BootFetch>> = HashMap::new();
        for ((token, file), seen) in files.iter_mut().filter(|(_, seen)| seen.is_worth(everything)) {
            let total_bytes = seen.news.total_bytes;
            let told = std::mem::replace(&mut seen.news, BootFetch { total_bytes, ..BootFetch::default() });
            seen.urgent = false;
            news.entry(token.clone()).or_default().push(BootFetch { file: (*file).to_owned(), ..told });
        }
        news
    }

    fn put_back(&self, token: &str, fetches: Vec<BootFetch>) {
        let mut files = self.lock();
        for old in fetches {
            let found = files.iter_mut().find(|((known, file), _)| known == token && **file == *old.file);
            if let Some((_, seen)) = found {
                seen.news.head |= old.head;
                seen.news.get |= old.get;
                seen.news.more_bytes += old.more_bytes;
                seen.news.error = seen.news.error.take().or(old.error);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Seen>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch {
    /// Bytes went out.
    pub(crate) fn sent(&self, range: Range<u64>) {
        self.change(|seen| {
            let parts =
                self.essential.iter().map(|part| part.start.max(range.start)..part.end.min(range.end));
            let more: u64 =
                parts.filter(|part| part.start < part.end).map(|part| seen.coverage.add(part)).sum();
            seen.bytes += more;
            seen.news.more_bytes += more;
            seen.urgent |= more > 0 && seen.bytes >= seen.news.total_bytes;
        });
    }

    /// No more bytes can go out.
    pub(crate) fn broken(&self, why: &str) {
        self.change(|seen| {
            seen.urgent |= seen.error.as_deref() != Some(why);
            seen.error = Some(why.to_owned());
            seen.news.error = Some(why.to_owned());
        });
    }

    fn change(&self, change: impl FnOnce(&mut Seen)) {
        let mut files = self.tracker.lock();
        if files.len() >= FILES && !files.contains_key(&self.key) {
            let oldest = files.iter().min_by_key(|(_, seen)| seen.touched).map(|(key, _)| key.clone());
            if let Some(oldest) = oldest {
                files.remove(&oldest);
            }
        }
        let seen = files.entry(self.key.clone()).or_insert_with(Seen::new);
        seen.touched = Instant::now();
        change(seen);
        if seen.urgent {
            self.tracker.bell.notify_one();
        }
    }
}

impl Seen {
    fn new() -> Self {
        Self {
            coverage: Coverage::default(),
            news: BootFetch::default(),
            bytes: 0,
            head: false,
            get: false,
            error: None,
            urgent: false,
            touched: Instant::now(),
        }
    }

    /// Whether the news are worth a report; with `everything` the smallest are.
    fn is_worth(&self, everything: bool) -> bool {
        let news = &self.news;
        let noteworthy = (news.total_bytes / NOTEWORTHY).max(1);
        let idle = self.touched.elapsed() >= ROUND;
        let enough = if everything || idle { 1 } else { noteworthy };
        self.urgent || news.head || news.get || news.error.is_some() || news.more_bytes >= enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BootServiceError, Result};
    use async_trait::async_trait;
    use ferric_model::boot::BootTicket;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// Keeps what it is told.
    #[derive(Debug, Default)]
    struct Kept {
        reports: Mutex<Vec<BootFetch>>,
        deaf: AtomicBool,
    }

    #[async_trait]
    impl Tickets for Kept {
        async fn find(&self, _: &str) -> Result<Option<BootTicket>> {
            Ok(None)
        }

        async fn find_by_mac(&self, _: &str) -> Result<Option<BootTicket>> {
            Ok(None)
        }

        async fn report(&self, _: &str, fetches: Vec<BootFetch>) -> Result<()> {
            if self.deaf.load(Ordering::Relaxed) {
                return Err(BootServiceError::Tickets("deaf".to_owned()));
            }
            self.reports.lock().unwrap().extend(fetches);
            Ok(())
        }

        async fn log(&self, _: &str, _: &str) -> Result<bool> {
            Ok(false)
        }
    }

    fn whole(total_bytes: u64) -> Vec<Range<u64>> {
        std::iter::once(0..total_bytes).collect()
    }

    #[tokio::test]
    async fn a_file_in_a_thousand_ranges_is_a_few_reports() {
        let (tracker, kept) = (Arc::new(Tracker::default()), Kept::default());
        tracker.asked("t", "boot.iso", true, whole(100_000));
        for step in 0..1000 {
            tracker.asked("t", "boot.iso", false, whole(100_000)).sent(step * 100..step * 100 + 100);
            tracker.tell(&kept, false).await;
        }
        let reports = kept.reports.lock().unwrap();
        assert!(reports.len() <= 102, "{}", reports.len());
        assert_eq!(reports.iter().map(|fetch| fetch.more_bytes).sum::<u64>(), 100_000);
        assert_eq!(reports.iter().filter(|fetch| fetch.head).count(), 1);
        assert_eq!(reports.iter().filter(|fetch| fetch.get).count(), 1);
    }

    #[tokio::test]
    async fn what_could_not_be_told_is_told_later() {
        let (tracker, kept) = (Arc::new(Tracker::default()), Kept::default());
        kept.deaf.store(true, Ordering::Relaxed);
        tracker.asked("t", "kernel", false, whole(10)).sent(0..4);
        tracker.tell(&kept, true).await;
        kept.deaf.store(false, Ordering::Relaxed);
        tracker.failed("t", "kernel", false, "503");
        tracker.tell(&kept, true).await;
        tracker.tell(&kept, true).await;
        let reports = kept.reports.lock().unwrap();
        assert_eq!(reports.len(), 1, "nothing is told twice");
        assert!(reports[0].get && reports[0].more_bytes == 4 && reports[0].error.as_deref() == Some("503"));
    }
}
