//! Closed lists of names: how a fault or a variant is spelled, described and read back.
//!
//! Knows nothing of what a name does; must not know HTTP or the state.

/// A text that is given once and then shared.
pub(crate) type Name = std::sync::Arc<str>;

/// A name that is not on the list it was looked up in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "recognise `{name}`: no {kind} of the double is called that; the nearest of the {count} known \
    names is `{nearest}`"
)]
pub struct UnknownName {
    /// What was looked for: `fault` or `variant`.
    pub kind: &'static str,
    /// The name as it was given.
    pub name: String,
    /// The known name that is most like it.
    pub nearest: String,
    /// How many names there are.
    pub count: usize,
}

impl UnknownName {
    /// Says so of a name, and finds the nearest of those that are known.
    #[must_use]
    pub fn new(kind: &'static str, name: &str, known: &[&str]) -> Self {
        let name: String = name.chars().take(80).collect();
        let far = |known: &&str| strsim::levenshtein(known, &name);
        let nearest = known.iter().copied().min_by_key(far).unwrap_or_default();
        Self { kind, nearest: nearest.to_owned(), count: known.len(), name }
    }
}

/// Declares an enum whose members have a kebab-case name, the operation they concern and a one-line
/// summary.
macro_rules! named {
    (
        $(#[$meta:meta])* $name:ident, $kind:literal;
        listed { $( $place:literal { $( $member:ident $text:literal $summary:literal )+ } )+ }
        apart { $( $aplace:literal { $( $amember:ident $atext:literal $asummary:literal )+ } )* }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($( #[doc = $summary] $member, )+)+
            $($( #[doc = $asummary] $amember, )+)*
        }

        impl $name {
            /// All of them, in the order of the operations they concern.
            pub const ALL: &'static [Self] = &[ $($( Self::$member, )+)+ ];
            /// Those that can be asked for by name but are not in [`Self::ALL`].
            const APART: &'static [Self] = &[ $($( Self::$amember, )+)* ];

            fn every() -> impl Iterator<Item = Self> {
                Self::ALL.iter().chain(Self::APART).copied()
            }

            /// The one of this name. Who asks for one that may not be there doesn't pay for the
            /// search of the nearest name, as with `from_str`.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                Self::every().find(|one| one.name() == name)
            }

            /// The name in kebab case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $($( Self::$member => $text, )+)+
                    $($( Self::$amember => $atext, )+)*
                }
            }

            /// One line on what it does.
            #[must_use]
            pub fn summary(self) -> &'static str {
                match self {
                    $($( Self::$member => $summary, )+)+
                    $($( Self::$amember => $asummary, )+)*
                }
            }

            /// The operation it shows in, as method and path, or `*` for all.
            #[must_use]
            pub fn place(self) -> &'static str {
                match self {
                    $( $( Self::$member )|+ => $place, )+
                    $( $( Self::$amember )|+ => $aplace, )*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl std::str::FromStr for $name {
            type Err = super::super::terms::names::UnknownName;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                Self::named(name).ok_or_else(|| {
                    let known: Vec<&'static str> = Self::every().map(Self::name).collect();
                    super::super::terms::names::UnknownName::new($kind, name, &known)
                })
            }
        }
    };
}
pub(crate) use named;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelled_name_is_answered_with_the_nearest_one() {
        let error = UnknownName::new("fault", "lock-id-shrt", &["auth-off", "lock-id-short"]);
        assert_eq!(error.nearest, "lock-id-short");
        assert!(error.to_string().contains("`lock-id-shrt`"));
    }
}
