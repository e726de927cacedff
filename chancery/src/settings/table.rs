//! The machinery of the settings' table: what one entry says, and the macro that makes the struct out of it.

/// What a setting is when no source names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// This text, read like any other.
    Value(&'static str),
    /// Nothing; the words say what that means.
    Absent(&'static str),
}

/// How much of a setting's value may be shown, and where it may come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// Shown everywhere, taken from everywhere.
    Open,
    /// May contain a password: never repeated in an error, and shown without the password.
    MayHoldPassword,
    /// A secret: never shown, and never taken from a flag, which other users of the machine can read.
    Secret,
}

/// One setting, as the flags, the environment, the file, the `settings` command and the manual know it.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The name of its field in [`Settings`](super::Settings), with underscores.
    pub field: &'static str,
    /// The heading it stands under.
    pub group: &'static str,
    /// What it does, in a sentence or two.
    pub doc: &'static str,
    /// What kind of value it takes, as help shows it.
    pub value_name: &'static str,
    /// What it is when nobody sets it.
    pub fallback: Fallback,
    /// Who may see it.
    pub exposure: Exposure,
}

impl Setting {
    /// Its name in the configuration file and in messages: `public-url`.
    #[must_use]
    pub fn key(&self) -> String {
        self.field.replace('_', "-")
    }

    /// Its flag: `--public-url`. A secret has none that is accepted.
    #[must_use]
    pub fn flag(&self) -> String {
        format!("--{}", self.key())
    }

    /// Its environment variable: `CHANCERY_PUBLIC_URL`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("{}{}", super::ENVIRONMENT_PREFIX, self.field.to_ascii_uppercase())
    }

    /// The docstring as one line.
    #[must_use]
    pub fn doc(&self) -> String {
        self.doc.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// What it is when nobody sets it, in words.
    #[must_use]
    pub fn fallback_text(&self) -> &'static str {
        match self.fallback {
            Fallback::Value(text) | Fallback::Absent(text) => text,
        }
    }
}

/// Makes the [`Settings`](super::Settings) struct, the table and the reading of one from the other out of one list.
macro_rules! settings {
    ($(
        $group:literal {
            $( $(#[doc = $doc:literal])+ $field:ident: $type:ty = $fallback:expr, $value_name:literal; )+
        }
    )+) => {
        /// Every setting, read and checked. Which source each came from is in [`Settings::report`].
        #[derive(Debug)]
        pub struct Settings {
            $( $( $(#[doc = $doc])+ pub $field: $type, )+ )+
            report: $crate::settings::report::Report,
        }

        /// Every setting, in the order in which help, `chancery settings` and the manual list them.
        pub const TABLE: &[$crate::settings::table::Setting] = &[
            $( $( $crate::settings::table::Setting {
                field: stringify!($field),
                group: $group,
                doc: concat!($($doc),+),
                value_name: $value_name,
                fallback: $fallback,
                exposure: <$type as $crate::settings::values::Value>::EXPOSURE,
            }, )+ )+
        ];

        impl Settings {
            /// Reads each setting from its text; no rule between settings is checked yet.
            fn read(texts: &$crate::settings::sources::Texts) -> Result<Self, $crate::settings::SettingsError> {
                Ok(Self {
                    $( $( $field: texts.read(stringify!($field))?, )+ )+
                    report: $crate::settings::report::Report::new(texts),
                })
            }
        }
    };
}

pub(super) use settings;
