use crate::scene::Scene;
use ferric_control::{ControlError, Keyed, KeyedOutcome, StoredAnswer};
use ferric_db::testing::{Database, on_each};
use futures::future::join_all;

#[tokio::test]
async fn of_many_processes_one_carries_a_request_out() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let context = Scene::context();
        let second = scene.second().await;
        let tries = (0..16).map(|n| {
            let control = if n % 2 == 0 { &scene.control } else { &second };
            control.begin_keyed(&context, "k", "digest")
        });
        let answers = join_all(tries).await;
        let new: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
        let [Keyed::New(identity)] = new[..] else { panic!("{new:?}") };
        assert!(answers.iter().flat_map(Result::as_ref).count() == 1);
        assert!(
            answers
                .iter()
                .flat_map(|answer| answer.as_ref().err())
                .all(|e| matches!(e, ControlError::Conflict(_)))
        );

        // Nothing is heard of it: of many that come later, one goes on with it.
        scene.wait(61);
        let begun_at = scene.control.clock().now() - time::Duration::seconds(61);
        let answers = join_all((0..8).map(|_| second.begin_keyed(&context, "k", "digest"))).await;
        let left: Vec<_> = answers.into_iter().filter_map(Result::ok).collect();
        assert_eq!(left, [Keyed::Left(*identity, begun_at)]);
        let answer = StoredAnswer { status: 201, location: None, body: Some("{}".to_owned()) };
        second.end_keyed(&context, "k", &KeyedOutcome::Done(answer.clone())).await;
        let again = scene.control.begin_keyed(&context, "k", "digest").await.unwrap();
        assert_eq!(again, Keyed::Answered(answer));
        let other = scene.control.begin_keyed(&context, "k", "another").await;
        assert!(matches!(other, Err(ControlError::KeyReused(_))), "{other:?}");

        // What nobody knows the end of can be taken up at once, and what was refused begins anew.
        scene.control.begin_keyed(&context, "l", "digest").await.unwrap();
        scene.control.end_keyed(&context, "l", &KeyedOutcome::Unknown).await;
        assert!(matches!(second.begin_keyed(&context, "l", "digest").await, Ok(Keyed::Left(..))));
        second.end_keyed(&context, "l", &KeyedOutcome::Refused).await;
        assert!(matches!(second.begin_keyed(&context, "l", "other").await, Ok(Keyed::New(_))));
        scene.wait(86_401);
        assert!(matches!(second.begin_keyed(&context, "k", "other").await, Ok(Keyed::New(_))));
    })
    .await;
}
