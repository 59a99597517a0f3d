//! Calls that rules ask for.

use super::judge::failure;
use ferric_model::inspection_rule::ApiCall;
use ferric_model::report::Failure;
use std::time::Duration;

/// Answers that may be better next time.
const PASSING: [u16; 5] = [429, 500, 502, 503, 504];

/// Pause before the second attempt; doubled before each further one, with jitter.
const FIRST_PAUSE: Duration = Duration::from_millis(300);

/// Makes the calls one after the other.
///
/// **Errors**: the first that failed fails the inspection.
pub(crate) async fn make(calls: &[ApiCall]) -> Result<(), Box<Failure>> {
    for call in calls {
        attempt(call).await.map_err(|said| {
            let advice = "check that the URL in the rule's action api-call answers, then inspect again";
            failure(
                format!("Request to {} failed: {said}", shown(&call.url)),
                "action api-call".to_owned(),
                advice,
            )
        })?;
    }
    Ok(())
}

async fn attempt(call: &ApiCall) -> Result<(), String> {
    let timeout = Duration::from_secs_f64(call.timeout_secs);
    let client = reqwest::Client::builder()
        .timeout(timeout)
        .build()
        .map_err(|error| error.without_url().to_string())?;
    let mut pause = FIRST_PAUSE;
    let mut left = call.retries;
    loop {
        let mut request = client.get(&call.url);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        let said = match request.send().await {
            Ok(answer) if answer.status().is_success() => return Ok(()),
            Ok(answer) if PASSING.contains(&answer.status().as_u16()) => format!("HTTP {}", answer.status()),
            Ok(answer) => return Err(format!("HTTP {}", answer.status())),
            Err(error) if error.is_builder() => return Err(error.without_url().to_string()),
            Err(error) => error.without_url().to_string(),
        };
        if left == 0 {
            return Err(said);
        }
        left -= 1;
        tokio::time::sleep(pause.mul_f64(rand::random_range(0.5..1.5))).await;
        pause *= 2;
    }
}

/// A URL without what may be secret in it.
fn shown(url: &str) -> &str {
    let plain = url.split(['?', '#']).next().unwrap_or_default();
    if plain.contains('@') { "the URL" } else { plain }
}
