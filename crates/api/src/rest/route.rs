//! Routes as data, and finding the one that a request means.

use super::answer::Answer;
use super::args::{Arg, is_ident};
use super::call::Call;
use super::error::Fault;
use super::microversion::Microversion;
use std::pin::Pin;

/// A handler on its way.
pub(crate) type Handling = Pin<Box<dyn Future<Output = Result<Answer, Fault>> + Send>>;

/// What carries a request out.
pub(crate) type Handler = fn(Call) -> Handling;

/// One route.
#[derive(Debug)]
pub(crate) struct Route {
    /// HTTP method.
    pub method: Method,
    /// Path below `/v1/`; `{name}` stands for one part.
    pub path: &'static str,
    /// From which microversion on it exists.
    pub gate: Gate,
    /// Arguments it takes.
    pub args: &'static [Arg],
    /// What its body is.
    pub body: Body,
    /// What carries it out.
    pub handler: Handler,
}

/// The methods that routes use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}

/// From which microversion on a route exists, and what older requests are told.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Gate {
    /// Always.
    Open,
    /// 404 as for a path that leads nowhere.
    NoRoute(u16),
    /// 405 as for a method that the path does not know.
    NoMethod(u16),
    /// 404 that says that the version is too old.
    Unsupported(u16),
    /// 404 as for a resource that is not there.
    NotFound(u16),
    /// 406.
    NotAcceptable(u16),
    /// 404 to those who read and 405 to those who write, on the way to the handler, in these words.
    Early(u16, &'static str),
    /// The same as the refusal of a use case.
    Late(u16, &'static str),
    /// 404 to everybody, in these words.
    Unseen(u16, &'static str),
}

/// What the body of a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    /// Not looked at.
    Ignored,
    /// An object whose members are arguments.
    Members,
    /// A document that the handler reads.
    Document,
}

/// A path that older clients write in another way.
struct Spelling {
    /// The parts that it begins with.
    begins: &'static [&'static str],
    /// The parts of the path that is meant, around what comes after those.
    meant: (&'static [&'static str], &'static [&'static str]),
}

/// Other ways to write paths.
static SPELLINGS: [Spelling; 1] =
    [Spelling { begins: &["nodes", "states", "console"], meant: (&["nodes"], &["states", "console"]) }];

impl Spelling {
    /// The path that is meant, if it was written in this way.
    fn read(&self, parts: &[String]) -> Option<Vec<String>> {
        let (begin, [ident]) = parts.split_at_checked(self.begins.len())? else { return None };
        let owned = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
        let (before, after) = self.meant;
        let is_so = begin.iter().zip(self.begins).all(|(given, own)| given == own);
        is_so.then(|| [owned(before), vec![ident.clone()], owned(after)].concat())
    }
}

/// Below these paths writing what is not there is a wrong method, not a wrong path.
static UNWRITABLE: [&[&str]; 2] = [&["nodes", "{}", "states", "{}"], &["nodes", "{}", "management", "{}"]];

/// What is said of a path that no route has.
fn nowhere(method: Option<Method>, parts: &[String]) -> Fault {
    let fits = |own: &&&[&str]| {
        own.len() == parts.len()
            && own.iter().zip(parts).all(|(own, given)| *own == "{}" || *own == given.as_str())
    };
    match method {
        Some(Method::Put | Method::Post) if UNWRITABLE.iter().any(|own| fits(&own)) => Fault::wrong_method(),
        _ => Fault::no_route(),
    }
}

/// Parts of paths that are a UUID or a name, or the path leads nowhere.
const NAMED: [&str; 2] = ["node", "portgroup"];

/// A route that fits, with the parts of the path that its names stand for.
pub(crate) type Found = (&'static Route, Vec<(&'static str, String)>);

/// Writes the row of a route.
macro_rules! route {
    ($method:ident $path:literal $gate:expr, $args:expr, $body:ident, $handler:path) => {
        $crate::rest::route::Route {
            method: $crate::rest::route::Method::$method,
            path: $path,
            gate: $gate,
            args: $args,
            body: $crate::rest::route::Body::$body,
            handler: |call| Box::pin($handler(call)),
        }
    };
}
pub(crate) use route;

/// Finds the route for the parts of a path below `/v1/`.
///
/// **Errors**: 404 when no route has the path, 405 when none has the method, what the gate says to older requests, 400
/// for a part that cannot name a node.
pub(crate) fn find(
    tables: &[&'static [Route]],
    method: Option<Method>,
    parts: &[String],
    version: Microversion,
) -> Result<Found, Fault> {
    let respelled = SPELLINGS.iter().find_map(|spelling| spelling.read(parts));
    let parts = respelled.as_deref().unwrap_or(parts);
    let mut fitting =
        tables.iter().flat_map(|table| table.iter()).filter(|route| route.fits(parts)).peekable();
    let Some(first) = fitting.peek() else { return Err(nowhere(method, parts)) };
    let (shape, nearest) = (first.literal_parts(), *first);
    let route = fitting
        .filter(|route| route.literal_parts() == shape)
        .find(|route| Some(route.method) == method)
        .ok_or_else(|| {
            nearest.gate.pass(version, nearest.method).err().unwrap_or_else(Fault::wrong_method)
        })?;
    let params = route.params(parts);
    if let Some((name, ident)) = params.iter().find(|(name, ident)| NAMED.contains(name) && !is_ident(ident))
    {
        return Err(Fault::bad_path(format!("Expected UUID or name for {name}: {ident}")));
    }
    route.gate.pass(version, route.method)?;
    Ok((route, params))
}

impl Route {
    fn parts(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter(|part| !part.is_empty())
    }

    fn fits(&self, parts: &[String]) -> bool {
        self.parts().count() == parts.len()
            && self.parts().zip(parts).all(|(own, given)| own.starts_with('{') || own == given)
    }

    /// How many parts are spelled out: the more, the nearer the route is to what was meant.
    fn literal_parts(&self) -> usize {
        self.parts().filter(|part| !part.starts_with('{')).count()
    }

    fn params(&self, parts: &[String]) -> Vec<(&'static str, String)> {
        self.parts()
            .zip(parts)
            .filter_map(|(own, given)| {
                own.strip_prefix('{')
                    .and_then(|name| name.strip_suffix('}'))
                    .map(|name| (name, given.clone()))
            })
            .collect()
    }
}

impl Method {
    /// Its name in requests.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// The method of a request; none for those that no route uses.
    pub(crate) fn find(name: &str) -> Option<Self> {
        match name {
            "GET" => Some(Self::Get),
            "POST" => Some(Self::Post),
            "PUT" => Some(Self::Put),
            "PATCH" => Some(Self::Patch),
            "DELETE" => Some(Self::Delete),
            _ => None,
        }
    }
}

impl Gate {
    fn pass(self, version: Microversion, method: Method) -> Result<(), Fault> {
        match self.refusal(method) {
            Some((minor, refusal)) if version.0 < minor => Err(refusal),
            _ => Ok(()),
        }
    }

    /// The microversion that brought the route, and what older requests are told.
    pub(crate) fn refusal(self, method: Method) -> Option<(u16, Fault)> {
        let status = if method == Method::Get { 404 } else { 405 };
        Some(match self {
            Self::Open => return None,
            Self::NoRoute(minor) => (minor, Fault::no_route()),
            Self::Unsupported(minor) => {
                (minor, Fault::not_found("The API is not supported for this version"))
            }
            Self::NotFound(minor) => (minor, Fault::not_found("Resource could not be found.")),
            Self::NoMethod(minor) => (minor, Fault::wrong_method()),
            Self::NotAcceptable(minor) => (minor, Fault::too_new()),
            Self::Early(minor, text) => (minor, Fault::too_early(status, text)),
            Self::Late(minor, text) => (minor, Fault { status, ..Fault::not_found(text) }),
            Self::Unseen(minor, text) => (minor, Fault::too_early(404, text)),
        })
    }
}
