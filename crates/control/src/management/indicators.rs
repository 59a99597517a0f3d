//! The indicators of nodes: lamps, and things like them.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::operation::check_interface;
use crate::policy::Rule;
use ferric_model::action::Action;
use ferric_model::hardware::InterfaceKind;
use ferric_model::task::params;
use serde_json::{Value, json};

impl Control {
    /// Lists the indicators of a node, each `{component, name, readonly, states}`.
    ///
    /// **Errors**: `NotFound`, `Forbidden`; as [`Self::call`].
    pub async fn list_indicators(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<Value, ControlError> {
        let node = self.node_for(context, ident, Rule::NodeGetIndicatorState).await?;
        self.call(context, &node, Action::ListIndicators, Value::Null).await
    }

    /// Reads the state of the indicator `name@component`.
    ///
    /// **Errors**: as [`Self::list_indicators`]; `Invalid` for one that there is not.
    pub async fn get_indicator(
        &self,
        context: &RequestContext,
        ident: &str,
        indicator: &str,
    ) -> Result<Value, ControlError> {
        let node = self.node_for(context, ident, Rule::NodeGetIndicatorState).await?;
        let params = json!(wanted(indicator, None)?);
        check_interface(&node, InterfaceKind::Management)?;
        self.call(context, &node, Action::GetIndicator, params).await
    }

    /// Sets the indicator `name@component`.
    ///
    /// **Errors**: as [`Self::get_indicator`].
    pub async fn set_indicator(
        &self,
        context: &RequestContext,
        ident: &str,
        indicator: &str,
        state: &str,
    ) -> Result<(), ControlError> {
        let node = self.node_for(context, ident, Rule::NodeSetIndicatorState).await?;
        let params = json!(wanted(indicator, Some(state))?);
        check_interface(&node, InterfaceKind::Management)?;
        self.call(context, &node, Action::SetIndicator, params).await.map(drop)
    }
}

fn wanted(indicator: &str, state: Option<&str>) -> Result<params::Indicator, ControlError> {
    let (name, component) = indicator
        .split_once('@')
        .ok_or_else(|| ControlError::Invalid(format!("Malformed indicator name \"{indicator}\"")))?;
    Ok(params::Indicator {
        component: component.to_owned(),
        indicator: name.to_owned(),
        state: state.map(str::to_owned),
    })
}
