//! Requests that are kept until somebody lets them go on, so that a test finds a client in the middle of what it does.

use actix_web::HttpRequest;
use tokio::sync::watch;

use crate::fault::{FaultKind, Subject};
use crate::fleet::Fleet;
use crate::http;

/// The requests of one server that are being held.
#[derive(Debug, Default)]
pub(crate) struct Holds {
    state: watch::Sender<State>,
}

#[derive(Debug, Default)]
struct State {
    held: usize,
    /// Counts how often everything was let go on.
    releases: u64,
}

/// Counts a request for as long as it is being held.
struct Held<'a> {
    fleet: &'a Fleet,
    index: usize,
    releases: watch::Receiver<State>,
    before: u64,
}

impl Holds {
    pub(crate) fn count(&self) -> usize {
        self.state.borrow().held
    }

    pub(crate) fn release(&self) {
        self.state.send_modify(|state| state.releases += 1);
    }
}

impl<'a> Held<'a> {
    fn begin(fleet: &'a Fleet, index: usize) -> Self {
        let state = &fleet.servers[index].holds.state;
        let releases = state.subscribe();
        let mut before = 0;
        state.send_modify(|state| {
            state.held += 1;
            before = state.releases;
        });
        fleet.update(index, |live| live.state.counters.holds += 1);
        Self { fleet, index, releases, before }
    }

    async fn released(&mut self) {
        let before = self.before;
        if self.releases.wait_for(|state| state.releases > before).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.fleet.servers[self.index].holds.state.send_modify(|state| state.held -= 1);
        self.fleet.tell_change(self.index);
    }
}

/// Keeps a request if that was planted for it, and says whether its client is still there to be answered.
pub(crate) async fn pass(
    fleet: &Fleet,
    index: usize,
    request: &HttpRequest,
    subject: &Subject<'_>,
    after: bool,
) -> bool {
    let wanted = |kind: &FaultKind| *kind == FaultKind::Hold { after };
    if fleet.faults.take(Some(index), subject, wanted).is_none() {
        return true;
    }
    let mut held = Held::begin(fleet, index);
    tokio::select! {
        () = held.released() => true,
        () = http::client_gone(request) => false,
        () = fleet.shutdown.cancelled() => false,
    }
}

/// The same for what a request asks for, under the names that it has beside the path.
pub(crate) async fn pass_named(
    fleet: &Fleet,
    index: usize,
    request: &HttpRequest,
    names: &[&str],
    after: bool,
) -> bool {
    // Holds by path were used up where the request came in.
    pass(fleet, index, request, &Subject { method: "", path: "named", names }, after).await
}
