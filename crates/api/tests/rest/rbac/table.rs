//! The two tables as this test reads them.

use serde::Deserialize;
use std::collections::BTreeMap;

/// Who may what.
#[derive(Deserialize)]
pub struct People {
    /// Groups of callers: roles by scope.
    who: BTreeMap<String, BTreeMap<String, String>>,
    /// Rules and their groups.
    rules: BTreeMap<String, String>,
}

/// What routes ask.
#[derive(Deserialize)]
pub struct Routes {
    pub rows: Vec<Row>,
    /// First microversion and the answer to older ones.
    pub gates: BTreeMap<String, (u16, u16)>,
}

/// One request, sent by everybody.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub route: String,
    pub asks: Asks,
    #[serde(default)]
    pub rules: Vec<Names>,
    /// Path, where it is not that of the route with the things that it names.
    pub send: Option<String>,
    pub body: Option<String>,
    pub then: u16,
    pub shows: Option<String>,
    /// Status of the answer about what is not there; 404 if it is not said.
    pub absent: Option<u16>,
    pub fresh: Option<Fresh>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Asks {
    Nobody,
    Rules,
    Node,
    Allocation,
    Operation,
    List,
}

/// One rule, or several of which one is enough.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Names {
    One(String),
    Either(Vec<String>),
}

/// What is made before each request.
#[derive(Deserialize)]
pub struct Fresh {
    pub path: String,
    pub body: String,
}

/// A caller: one role in one scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    pub scope: &'static str,
    pub role: &'static str,
}

/// What a caller is answered.
#[derive(Debug, PartialEq, Eq)]
pub enum Expected {
    /// What the row says.
    Then,
    /// As if there were no such node.
    Concealed,
    /// Refused by this rule.
    Refused(String),
}

pub const SCOPES: [&str; 4] = ["system", "owner", "lessee", "other"];
pub const ROLES: [&str; 6] = ["admin", "manager", "member", "reader", "service", "none"];

pub fn people() -> People {
    toml::from_str(include_str!("who.toml")).unwrap()
}

pub fn routes() -> Routes {
    toml::from_str(include_str!("routes.toml")).unwrap()
}

/// Everybody.
pub fn everybody() -> impl Iterator<Item = Person> {
    SCOPES.into_iter().flat_map(|scope| ROLES.into_iter().map(move |role| Person { scope, role }))
}

impl Row {
    /// Status of the answer about what is not there, or not for the caller to see.
    pub fn absent(&self) -> u16 {
        self.absent.unwrap_or(404)
    }
}

impl Asks {
    /// The rule without which the thing is not there.
    pub fn conceals(self) -> Option<&'static str> {
        match self {
            Self::Node => Some("node:get"),
            Self::Allocation => Some("allocation:get"),
            Self::Operation => Some("bulk:get"),
            Self::Nobody | Self::Rules | Self::List => None,
        }
    }
}

impl Person {
    /// The name of their token.
    pub fn name(self) -> String {
        format!("{}-{}", self.scope, self.role)
    }
}

impl People {
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.rules.keys().map(String::as_str)
    }

    /// Whether the contract lets a caller.
    pub fn may(&self, person: Person, rule: &str) -> bool {
        let group = self.rules.get(rule).unwrap_or_else(|| panic!("there is no rule {rule}"));
        let scopes = self.who.get(group).unwrap_or_else(|| panic!("there is no group {group}"));
        scopes.get(person.scope).is_some_and(|roles| roles.split(' ').any(|role| role == person.role))
    }

    /// What the contract says that a caller is answered.
    pub fn expected(&self, person: Person, row: &Row) -> Expected {
        if row.asks == Asks::List {
            let Names::One(all) = &row.rules[0] else { panic!("{}: lists ask for one rule", row.route) };
            let Names::One(some) = &row.rules[1] else { panic!("{}: lists ask for one rule", row.route) };
            let own = person.scope != "system" && self.may(person, some);
            return if self.may(person, all) || own {
                Expected::Then
            } else {
                let named = if person.scope == "system" { all } else { some };
                Expected::Refused(named.clone())
            };
        }
        if row.asks.conceals().is_some_and(|rule| !self.may(person, rule)) {
            return Expected::Concealed;
        }
        for rule in &row.rules {
            let (lets, last) = match rule {
                Names::One(rule) => (self.may(person, rule), rule),
                Names::Either(rules) => {
                    (rules.iter().any(|rule| self.may(person, rule)), rules.last().unwrap())
                }
            };
            if !lets {
                return Expected::Refused(last.clone());
            }
        }
        Expected::Then
    }

    /// Whether a list shows the caller what belongs to the owner and is leased to the lessee.
    pub fn sees_in_list(&self, person: Person, row: &Row) -> bool {
        let Names::One(all) = &row.rules[0] else { return false };
        let leased = !["runbooks", "allocations", "operations"].map(Some).contains(&row.shows.as_deref());
        self.may(person, all) || person.scope == "owner" || (leased && person.scope == "lessee")
    }
}
