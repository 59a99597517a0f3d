//! Indicators: list, read and set them; the caller waits for the answer.

use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_model::task::params;
use serde_json::{Value, json};

/// Finds out which indicators there are.
pub async fn list_indicators(task: &mut RunningTask) -> Result<Ending, Halt> {
    let listed = task.interfaces.management.list_indicators(&task.view).await;
    let indicators = listed.map_err(|error| task.failed("listing the indicators", error))?;
    Ok(Ending::answer(json!(indicators)))
}

/// Reads an indicator.
pub async fn get_indicator(task: &mut RunningTask) -> Result<Ending, Halt> {
    let wanted: params::Indicator = task.required_params()?;
    let management = &task.interfaces.management;
    let read = management.get_indicator(&task.view, &wanted.component, &wanted.indicator).await;
    let state = read.map_err(|error| task.failed(doing("reading", &wanted), error))?;
    Ok(Ending::answer(state.into()))
}

/// Sets an indicator.
pub async fn set_indicator(task: &mut RunningTask) -> Result<Ending, Halt> {
    let wanted: params::Indicator = task.required_params()?;
    let state = wanted.state.as_deref().unwrap_or_default();
    let management = &task.interfaces.management;
    let set = management.set_indicator(&task.view, &wanted.component, &wanted.indicator, state).await;
    set.map_err(|error| task.failed(doing("setting", &wanted), error))?;
    Ok(Ending::answer(Value::Null))
}

fn doing(what: &str, indicator: &params::Indicator) -> String {
    format!("{what} the indicator {}@{}", indicator.indicator, indicator.component)
}
