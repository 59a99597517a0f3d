//! Work that several callers ask for at the same time, done by one of them for all.
//!
//! Whoever comes while nobody is at work begins at once and alone, so that nobody ever waits for others to come. Whoever comes
//! meanwhile waits, and the first of those takes up the work of all who wait. So the work is done for the more callers at a
//! time the more there are of them, and for one while there is one. Where it is worth it several may be at work.

use ferric_db::DbError;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;
use uuid::Uuid;

/// Most callers whose work is done together.
const MOST: usize = 32;

/// The callers of one kind of work.
#[derive(Debug)]
pub(crate) struct Gather<T, R> {
    queue: Arc<Mutex<Queue<T, R>>>,
}

#[derive(Debug)]
struct Queue<T, R> {
    at_work: usize,
    leads: usize,
    waiting: VecDeque<Place<T, R>>,
}

/// A caller that waits.
#[derive(Debug)]
struct Place<T, R> {
    item: T,
    turn: oneshot::Sender<Turn<T, R>>,
}

/// What a caller waits for.
#[derive(Debug)]
enum Turn<T, R> {
    /// Somebody has done its work.
    Done(R),
    /// It is to work for all who wait.
    Lead(Lead<T, R>, T),
}

/// What comes of asking for work: the right to do it oneself, or an answer to wait for.
type Entered<T, R> = Result<(Lead<T, R>, T), oneshot::Receiver<Turn<T, R>>>;

/// The right to work, which goes on to the next who waits when it is dropped, wherever that happens.
#[derive(Debug)]
struct Lead<T, R> {
    queue: Option<Arc<Mutex<Queue<T, R>>>>,
}

impl<T, R> Default for Gather<T, R> {
    fn default() -> Self {
        Self::of(1)
    }
}

impl<T, R> Gather<T, R> {
    /// So many are at work at the same time.
    pub(crate) fn of(leads: usize) -> Self {
        Self { queue: Arc::new(Mutex::new(Queue { at_work: 0, leads, waiting: VecDeque::new() })) }
    }

    /// Has `item` worked on, by this caller or another; `work` answers as many items as it is given, in their order. None when
    /// whoever worked on it was stopped halfway: nobody knows how far it came.
    pub(crate) async fn run<F>(&self, item: T, work: impl FnOnce(Vec<T>) -> F) -> Option<R>
    where
        F: Future<Output = Vec<R>>,
    {
        let (lead, item) = match self.enter(item) {
            Ok(begun) => begun,
            Err(turn) => match turn.await.ok()? {
                Turn::Done(answer) => return Some(answer),
                Turn::Lead(lead, item) => (lead, item),
            },
        };
        let (mut items, mut turns) = (vec![item], Vec::new());
        for place in self.take(MOST - 1) {
            items.push(place.item);
            turns.push(place.turn);
        }
        let mut answers = work(items).await.into_iter();
        let own = answers.next();
        for (turn, answer) in turns.into_iter().zip(answers) {
            // Whoever has gone needs no answer.
            turn.send(Turn::Done(answer)).ok();
        }
        drop(lead);
        own
    }

    /// The right to work, or what is to be waited for.
    fn enter(&self, item: T) -> Entered<T, R> {
        let mut queue = lock(&self.queue);
        if queue.at_work == queue.leads {
            let (turn, receiver) = oneshot::channel();
            queue.waiting.push_back(Place { item, turn });
            return Err(receiver);
        }
        queue.at_work += 1;
        Ok((Lead { queue: Some(Arc::clone(&self.queue)) }, item))
    }

    fn take(&self, most: usize) -> Vec<Place<T, R>> {
        let mut queue = lock(&self.queue);
        let count = most.min(queue.waiting.len());
        queue.waiting.drain(..count).collect()
    }
}

impl<T, R> Drop for Lead<T, R> {
    fn drop(&mut self) {
        let Some(queue) = self.queue.take() else { return };
        loop {
            let next = {
                let mut queue = lock(&queue);
                let next = queue.waiting.pop_front();
                queue.at_work -= usize::from(next.is_none());
                next
            };
            let Some(Place { item, turn }) = next else { return };
            match turn.send(Turn::Lead(Self { queue: Some(Arc::clone(&queue)) }, item)) {
                Ok(()) => return,
                // It has gone; what comes back must not pass the right on a second time.
                Err(Turn::Lead(mut lead, _)) => lead.queue = None,
                Err(Turn::Done(_)) => {}
            }
        }
    }
}

/// Rows that are looked for by UUID, together where several callers look at the same time.
pub(crate) type Reads<T> = Gather<Uuid, Result<Option<T>, DbError>>;

impl<T: Clone> Reads<T> {
    /// What is found of `id`; `find` looks for all that it is given.
    pub(crate) async fn find<F>(&self, id: Uuid, find: impl Fn(Vec<Uuid>) -> F) -> Result<Option<T>, DbError>
    where
        F: Future<Output = Result<HashMap<Uuid, T>, DbError>>,
    {
        loop {
            // None where whoever looked for all was stopped halfway.
            if let Some(found) = self.run(id, |ids| find_all(ids, &find)).await {
                return found;
            }
        }
    }
}

/// What was found for each of those who asked.
type Found<T> = Vec<Result<Option<T>, DbError>>;

async fn find_all<T: Clone, F>(ids: Vec<Uuid>, find: &impl Fn(Vec<Uuid>) -> F) -> Found<T>
where
    F: Future<Output = Result<HashMap<Uuid, T>, DbError>>,
{
    if let Some(found) = found_for(&ids, find(ids.clone()).await) {
        return found;
    }
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(found_for(&[id], find(vec![id]).await).into_iter().flatten());
    }
    found
}

/// What each is answered who asked for one of `ids`; none where a failure is about one of them only, so that each is to be
/// asked for alone.
fn found_for<T: Clone>(ids: &[Uuid], found: Result<HashMap<Uuid, T>, DbError>) -> Option<Found<T>> {
    match found {
        Ok(mut found) => {
            // Several may have asked for the same.
            let take = |(place, id): (usize, &Uuid)| match ids[place + 1..].contains(id) {
                true => found.get(id).cloned(),
                false => found.remove(id),
            };
            Some(ids.iter().enumerate().map(take).map(Ok).collect())
        }
        Err(error) if ids.len() == 1 => Some(vec![Err(error)]),
        Err(error) => ids.iter().map(|_| error.for_another().map(Err)).collect(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use std::pin::pin;
    use tokio::sync::Notify;

    /// Answers each number with itself and how many were worked on together.
    async fn count(items: Vec<u32>) -> Vec<(u32, usize)> {
        let together = items.len();
        items.into_iter().map(|item| (item, together)).collect()
    }

    #[tokio::test]
    async fn who_comes_alone_works_alone_and_who_waits_is_worked_for_together() {
        let (gather, gate) = (Gather::default(), Notify::new());
        let mut first = pin!(gather.run(1, async |items| {
            gate.notified().await;
            count(items).await
        }));
        assert!(first.as_mut().now_or_never().is_none());
        let (mut second, mut third) = (pin!(gather.run(2, count)), pin!(gather.run(3, count)));
        assert!(second.as_mut().now_or_never().is_none() && third.as_mut().now_or_never().is_none());
        gate.notify_one();
        assert_eq!(first.await, Some((1, 1)));
        assert_eq!(second.await, Some((2, 2)));
        assert_eq!(third.await, Some((3, 2)));
        assert_eq!(gather.run(4, count).await, Some((4, 1)));
    }

    #[tokio::test]
    async fn several_may_be_at_work() {
        let gather = Gather::of(2);
        let never = async |_| std::future::pending().await;
        let (mut first, mut second) = (Box::pin(gather.run(1, never)), Box::pin(gather.run(2, never)));
        assert!(first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none());
        let (mut third, mut fourth) = (pin!(gather.run(3, count)), pin!(gather.run(4, count)));
        assert!(third.as_mut().now_or_never().is_none() && fourth.as_mut().now_or_never().is_none());
        drop(second);
        assert_eq!((third.await, fourth.await), (Some((3, 2)), Some((4, 2))));
        assert_eq!(gather.run(5, count).await, Some((5, 1)), "the second's place is free");
        drop(first);
    }

    #[tokio::test]
    async fn the_right_to_work_is_never_lost() {
        let gather = Gather::default();
        let never = async |_| std::future::pending().await;
        let mut stopped = Box::pin(gather.run(1, never));
        assert!(stopped.as_mut().now_or_never().is_none());
        let (mut gone, mut told) = (Box::pin(gather.run(2, count)), Box::pin(gather.run(3, count)));
        let mut last = pin!(gather.run(4, count));
        assert!(gone.as_mut().now_or_never().is_none() && told.as_mut().now_or_never().is_none());
        assert!(last.as_mut().now_or_never().is_none());
        drop(gone);
        // The first stops halfway; the second has gone, so the third is told to work, and goes before it hears of it.
        drop(stopped);
        drop(told);
        assert_eq!(last.await, Some((4, 1)));
    }

    #[tokio::test]
    async fn whose_work_was_stopped_halfway_is_told() {
        let (gather, gate) = (Gather::default(), Notify::new());
        let mut first = Box::pin(gather.run(1, async |items| {
            gate.notified().await;
            count(items).await
        }));
        assert!(first.as_mut().now_or_never().is_none());
        let mut second = Box::pin(gather.run(2, async |_| std::future::pending().await));
        let mut third = pin!(gather.run(3, count));
        assert!(second.as_mut().now_or_never().is_none() && third.as_mut().now_or_never().is_none());
        gate.notify_one();
        assert_eq!(first.await, Some((1, 1)));
        assert!(second.as_mut().now_or_never().is_none(), "it works for both");
        drop(second);
        assert_eq!(third.await, None);
        assert_eq!(gather.run(4, count).await, Some((4, 1)));
    }

    #[test]
    fn each_is_answered_what_it_asked_for() {
        let [a, b] = [Uuid::from_u128(1), Uuid::from_u128(2)];
        let answers = found_for(&[a, b, a], Ok(HashMap::from([(a, 1)]))).unwrap();
        assert_eq!(answers.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [Some(1), None, Some(1)]);
        let away = || Err::<HashMap<Uuid, u8>, _>(DbError::Timeout { doing: "answer" });
        let corrupt = || Err::<HashMap<Uuid, u8>, _>(DbError::Corrupt { column: "x", value: "y".to_owned() });
        assert!(found_for(&[a, b], away()).unwrap().iter().all(Result::is_err));
        assert!(found_for(&[a, b], corrupt()).is_none(), "one of them");
        assert!(found_for(&[a], corrupt()).unwrap()[0].is_err());
    }

    #[tokio::test]
    async fn a_row_that_cannot_be_read_spoils_no_other() {
        let [good, bad] = [Uuid::from_u128(1), Uuid::from_u128(2)];
        let find = |ids: Vec<Uuid>| {
            std::future::ready(match ids.contains(&bad) {
                true => Err(DbError::Corrupt { column: "x", value: "y".to_owned() }),
                false => Ok(HashMap::from([(good, 1)])),
            })
        };
        let found = find_all(vec![good, bad], &find).await;
        assert!(matches!(found.as_slice(), [Ok(Some(1)), Err(DbError::Corrupt { .. })]));
    }

    #[tokio::test]
    async fn there_is_a_bound() {
        let (gather, gate) = (Gather::default(), Notify::new());
        let mut first = Box::pin(gather.run(0, async |items| {
            gate.notified().await;
            count(items).await
        }));
        assert!(first.as_mut().now_or_never().is_none());
        let mut others: Vec<_> = (1..=40).map(|number| Box::pin(gather.run(number, count))).collect();
        assert!(others.iter_mut().all(|other| other.as_mut().now_or_never().is_none()));
        gate.notify_one();
        first.await;
        let together: Vec<_> = futures::future::join_all(others).await;
        assert_eq!(together.iter().flatten().filter(|(_, together)| *together == MOST).count(), MOST);
        assert_eq!(together.iter().flatten().filter(|(_, together)| *together == 8).count(), 8);
    }
}
