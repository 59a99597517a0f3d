//! The rules that hold: those of the operator before those that are built in.

use super::error::PolicyError;
use super::expression::{Bound, Check};
use super::grammar;
use super::roles::ROLES;
use super::rules::{RULES, Rule};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Every rule with its references bound.
#[derive(Debug)]
pub(super) struct Table {
    rules: Vec<Arc<Bound>>,
    named: HashMap<String, Arc<Bound>>,
}

/// Checks by the names of their rules, as they are written.
pub(super) type Written = BTreeMap<String, Check<String>>;

/// Binds references, each rule once.
struct Binder<'a> {
    written: &'a Written,
    bound: HashMap<String, Arc<Bound>>,
    /// Rules that are being bound: one that refers back to them goes in circles.
    open: Vec<String>,
}

impl Table {
    /// The built-in rules with those of the operator in their place or beside them.
    ///
    /// **Errors**: a reference that leads nowhere or back to itself.
    pub(super) fn new(own: Written, enforce_new_defaults: bool) -> Result<Self, PolicyError> {
        let mut written = built_in(enforce_new_defaults)?;
        written.extend(own);
        let mut binder = Binder { written: &written, bound: HashMap::new(), open: Vec::new() };
        for name in written.keys() {
            binder.bind(name)?;
        }
        let never = Arc::new(Bound(Check::Never));
        let rules = RULES.iter().map(|row| binder.bound.get(row.name).unwrap_or(&never).clone()).collect();
        Ok(Self { rules, named: binder.bound })
    }

    /// A table that lets nobody do anything.
    pub(super) fn closed() -> Self {
        let never = Arc::new(Bound(Check::Never));
        Self { rules: RULES.iter().map(|_| Arc::clone(&never)).collect(), named: HashMap::new() }
    }

    /// A rule.
    pub(super) fn rule(&self, rule: Rule) -> &Bound {
        &self.rules[rule as usize]
    }

    /// A rule by its name, if there is one.
    pub(super) fn find(&self, name: &str) -> Option<&Bound> {
        self.named.get(name).map(AsRef::as_ref)
    }
}

fn built_in(enforce_new_defaults: bool) -> Result<Written, PolicyError> {
    let read = |name: &str, check: &str| {
        grammar::parse_text(check).map_err(|reason| PolicyError::of_rule(name, reason))
    };
    let mut written = Written::new();
    for (name, check) in ROLES {
        written.insert((*name).to_owned(), read(name, check)?);
    }
    for row in RULES {
        let mut check = read(row.name, row.check)?;
        if let Some(legacy) = row.legacy.filter(|_| !enforce_new_defaults) {
            check = Check::Any(vec![check, read(row.name, legacy)?]);
        }
        written.insert(row.name.to_owned(), check);
    }
    Ok(written)
}

impl Binder<'_> {
    fn bind(&mut self, name: &str) -> Result<Arc<Bound>, PolicyError> {
        if let Some(bound) = self.bound.get(name) {
            return Ok(Arc::clone(bound));
        }
        let user = self.open.last().map_or(name, String::as_str);
        if self.open.iter().any(|open| open == name) {
            return Err(PolicyError::of_rule(user, format!("it leads back to itself through rule:{name}")));
        }
        let written = self.written;
        let Some(check) = written.get(name) else {
            return Err(PolicyError::of_rule(user, format!("there is no rule:{name}")));
        };
        self.open.push(name.to_owned());
        let check = check.bind(&mut |reference: &String| self.bind(reference))?;
        self.open.pop();
        let bound = Arc::new(Bound(check));
        self.bound.insert(name.to_owned(), Arc::clone(&bound));
        Ok(bound)
    }
}
