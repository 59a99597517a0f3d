//! Replacing hardware types and interfaces on the way: `driver:idrac=redfish`, `deploy:iscsi=direct`.

use super::inventory::Inventory;
use anyhow::bail;
use ferric_model::hardware::InterfaceKind;
use serde_json::Value;

/// Replacements as they were asked for.
#[derive(Debug, Clone, Default)]
pub struct Replacements(Vec<Replacement>);

#[derive(Debug, Clone)]
struct Replacement {
    /// The node's field.
    field: String,
    from: String,
    to: String,
}

impl Replacements {
    /// Reads what was written behind `--replace`.
    pub fn parse(texts: &[String]) -> anyhow::Result<Self> {
        let rows = texts.iter().map(|text| {
            let parts = text.split_once(':').and_then(|(what, rest)| Some((what, rest.split_once('=')?)));
            let Some((what, (from, to))) = parts else {
                bail!("--replace expects driver:OLD=NEW or KIND:OLD=NEW, not '{text}'");
            };
            let field = match InterfaceKind::find(what) {
                Some(kind) => format!("{kind}_interface"),
                None if what == "driver" => "driver".to_owned(),
                None => bail!("--replace knows driver and the kinds of interfaces, not '{what}'"),
            };
            Ok(Replacement { field, from: from.to_owned(), to: to.to_owned() })
        });
        rows.collect::<anyhow::Result<_>>().map(Self)
    }

    /// Replaces in every node.
    pub fn apply(&self, inventory: &mut Inventory) {
        for node in &mut inventory.nodes {
            for Replacement { field, from, to } in &self.0 {
                if node[field.as_str()].as_str() == Some(from) {
                    node[field.as_str()] = Value::String(to.clone());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_was_named_is_replaced() {
        let texts = ["driver:idrac=redfish".to_owned(), "deploy:iscsi=direct".to_owned()];
        let mut inventory = Inventory {
            nodes: vec![
                json!({"driver": "idrac", "deploy_interface": "iscsi"}),
                json!({"driver": "ipmi", "deploy_interface": "direct"}),
            ],
            ..Inventory::default()
        };
        Replacements::parse(&texts).unwrap().apply(&mut inventory);
        assert_eq!(inventory.nodes[0], json!({"driver": "redfish", "deploy_interface": "direct"}));
        assert_eq!(inventory.nodes[1], json!({"driver": "ipmi", "deploy_interface": "direct"}));
        for bad in ["idrac=redfish", "driver:idrac", "colour:red=blue"] {
            assert!(Replacements::parse(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }
}
