//! Pages of lists: limit, marker, sorting, chosen fields, and the link to the next page.
//!
//! Source: `contract: rest-api` section 2.

use super::args::Args;
use super::call::Call;
use super::error::Fault;
use super::fields::Field;
use super::json::{Members, Written, put_list};
use super::link;
use super::microversion::Microversion;
use ferric_model::page::{Page, SortDirection};

/// The page that a request asks for.
///
/// **Errors**: 400 for what cannot be a page, 406 for a key that is newer than the request.
pub(crate) fn page<V>(
    call: &Call,
    table: &[Field<V>],
    unsortable: &[&str],
    default_key: &str,
) -> Result<Page, Fault> {
    let args = &call.args;
    let sort_key = args.text("sort_key").unwrap_or(default_key);
    check_since(table, call.version, sort_key)?;
    let max = call.control().settings().max_limit;
    let limit = match args.integer("limit") {
        None => max,
        Some(limit) if limit <= 0 => return Err(Fault::invalid("Limit must be positive")),
        Some(limit) => limit.min(max),
    };
    let sort_dir = match args.text("sort_dir") {
        None | Some("asc") => SortDirection::Asc,
        Some("desc") => SortDirection::Desc,
        Some(other) => {
            let text = format!("Invalid sort direction: {other}. Acceptable values are 'asc' or 'desc'");
            return Err(Fault::invalid(text));
        }
    };
    if unsortable.contains(&sort_key) {
        let text = format!("The sort_key value {sort_key} is an invalid field for sorting");
        return Err(Fault::invalid(text));
    }
    Ok(Page { limit, marker: args.string("marker"), sort_key: sort_key.to_owned(), sort_dir })
}

/// The fields that a list shows: those asked for, all with `detail`, or the summary.
///
/// **Errors**: 406 for fields before there were any, or that are newer than the request; 400 for both at once.
pub(crate) fn list_fields<V>(
    call: &Call,
    table: &[Field<V>],
    summary: &[&str],
) -> Result<Option<Vec<String>>, Fault> {
    let asked = asked_fields(&call.args, call.version, table)?;
    let detail = call.args.bool("detail");
    if let Some(detail) = detail
        && !call.speaks(43)
    {
        let text = format!("Invalid query parameter ?detail={} received.", python_bool(detail));
        return Err(Fault::invalid(text));
    }
    match (asked, detail) {
        (Some(_), Some(true)) => {
            Err(Fault::invalid("Can not specify ?detail=True and fields in the same request."))
        }
        (Some(asked), _) => Ok(Some(asked)),
        (None, Some(true)) => Ok(None),
        (None, _) => Ok(Some(summary.iter().map(|name| (*name).to_owned()).collect())),
    }
}

/// The fields that were asked for, if any were.
///
/// **Errors**: 406 for fields before there were any, or that are newer than the request.
pub(crate) fn asked_fields<V>(
    args: &Args,
    version: Microversion,
    table: &[Field<V>],
) -> Result<Option<Vec<String>>, Fault> {
    let Some(asked) = args.words("fields") else { return Ok(None) };
    if version.0 < 8 {
        return Err(Fault::too_new());
    }
    asked.iter().try_for_each(|name| check_since(table, version, name))?;
    Ok(Some(asked))
}

fn check_since<V>(table: &[Field<V>], version: Microversion, name: &str) -> Result<(), Fault> {
    match table.iter().find(|field| field.name == name) {
        Some(field) if field.since > version.0 => Err(Fault::too_new()),
        _ => Ok(()),
    }
}

/// What a link to the next page repeats.
#[derive(Debug)]
pub(crate) struct Next<'a> {
    /// Base of links.
    pub base: &'a str,
    /// Path of the collection.
    pub path: &'a str,
    /// Arguments, in order.
    pub params: Vec<(&'static str, String)>,
    /// Fields.
    pub fields: Option<&'a [String]>,
    /// Size of a page; 0 when there are no further pages.
    pub limit: i64,
}

impl Next<'_> {
    /// The arguments that say how a page is sorted.
    pub(crate) fn sorting(page: &Page) -> Vec<(&'static str, String)> {
        let direction = match page.sort_dir {
            SortDirection::Asc => "asc",
            SortDirection::Desc => "desc",
        };
        vec![("sort_key", page.sort_key.clone()), ("sort_dir", direction.to_owned())]
    }

    /// The link, when the page is full.
    pub(crate) fn link(&self, shown: usize, marker: Option<String>) -> Option<String> {
        let marker = marker.filter(|_| i64::try_from(shown) == Ok(self.limit))?;
        let mut query = String::new();
        for (name, value) in &self.params {
            query.push_str(name);
            query.push('=');
            query.extend(url::form_urlencoded::byte_serialize(value.as_bytes()));
            query.push('&');
        }
        if let Some(fields) = self.fields {
            query.push_str(&format!("fields={}&", fields.join(",")));
        }
        let url = link::url(self.base, self.path);
        Some(format!("{url}?{query}limit={}&marker={marker}", self.limit))
    }
}

/// Writes a collection with the link to its next page.
pub(crate) fn collection<T>(
    name: &str,
    items: &[T],
    next: &Next<'_>,
    marker: impl Fn(&T) -> String,
    write: impl FnMut(&mut Vec<u8>, &T) -> Written,
) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::with_capacity(64 + items.len() * 256);
    let mut members = Members::open(&mut out);
    members.with(name, |out| put_list(out, items, write))?;
    if let Some(link) = next.link(items.len(), items.last().map(marker)) {
        members.put("next", &link)?;
    }
    members.close();
    Ok(out)
}

/// A boolean as it stands in links and texts that clients know.
pub(crate) fn python_bool(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::json::put;
    use serde_json::{Value, json};

    fn shown(limit: i64, items: &[&str]) -> Value {
        let fields = ["uuid".to_owned(), "name".to_owned()];
        let mut params = Next::sorting(&Page::default());
        params.push(("owner", "a&b".to_owned()));
        let next = Next { base: "http://h", path: "nodes", params, fields: Some(&fields), limit };
        let body = collection("nodes", items, &next, |item| (*item).to_owned(), put);
        serde_json::from_slice(&body.unwrap()).unwrap()
    }

    #[test]
    fn only_a_full_page_leads_to_the_next() {
        assert_eq!(shown(2, &["a"]), json!({"nodes": ["a"]}));
        assert_eq!(shown(0, &[]), json!({"nodes": []}));
        let link = "http://h/v1/nodes?sort_key=id&sort_dir=asc&owner=a%26b&fields=uuid,name&limit=2&marker=b";
        assert_eq!(shown(2, &["a", "b"]), json!({"nodes": ["a", "b"], "next": link}));
    }
}
