//! The same test on both kinds of installation.

/// Turns functions `async fn(ClusterSpec) -> anyhow::Result<()>` into one test for each kind of installation, named after
/// the function: `whole_life::all_in_one` and `whole_life::split`.
#[macro_export]
macro_rules! on_both_kinds {
    ($($scenario:ident),+ $(,)?) => {$(
        mod $scenario {
            use ferric_tests::cluster::{ClusterSpec, Kind};

            #[tokio::test(flavor = "multi_thread")]
            async fn all_in_one() -> anyhow::Result<()> {
                super::$scenario(ClusterSpec::new(Kind::AllInOne)).await
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn split() -> anyhow::Result<()> {
                super::$scenario(ClusterSpec::new(Kind::SPLIT)).await
            }
        }
    )+};
}
