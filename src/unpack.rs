//! Bodies that come packed, though nothing but plain ones are asked for: unpacked within the bound
//! on bodies.
//!
//! Knows: content codings. The one door to `brotli-decompressor` and `ruzstd`. Must not know: what
//! a body says.

use std::io::{self, Read};

use flate2::bufread::GzDecoder;
use flate2::{Decompress, FlushDecompress, Status};

use crate::exchange::{Packed, Unread};

/// The largest window that a zstd body may ask for (RFC 9659).
const WINDOW: usize = 8 << 20;

/// A body after all its codings were taken off.
pub(crate) struct Unpacked {
    pub(crate) bytes: Vec<u8>,
    /// Whether a bound cut it.
    pub(crate) truncated: bool,
    pub(crate) packed: Option<Packed>,
}

/// The codings of a body, in the order in which they were applied.
pub(crate) fn codings(headers: &[(String, Vec<u8>)]) -> Vec<String> {
    let listed = |wanted: &'static str| {
        let values = headers
            .iter()
            .filter(move |(name, _)| name == wanted)
            .map(|(_, value)| String::from_utf8_lossy(value).to_lowercase());
        values
            .flat_map(|value| value.split(',').map(|one| one.trim().to_owned()).collect::<Vec<_>>())
    };
    listed("content-encoding")
        .chain(listed("transfer-encoding"))
        .filter(|one| !["", "identity", "chunked"].contains(&one.as_str()))
        .collect()
}

/// Takes the codings off, last applied first. Never gives more than `most` bytes.
pub(crate) fn unpack(bytes: Vec<u8>, truncated: bool, codings: &[String], most: usize) -> Unpacked {
    if codings.is_empty() || bytes.is_empty() {
        return Unpacked { bytes, truncated, packed: None };
    }
    let mut packed = Packed { coding: codings.join(", "), bytes: bytes.len() as u64, unread: None };
    let mut plain = (Vec::new(), truncated);
    for (index, coding) in codings.iter().rev().enumerate() {
        let (source, cut) =
            if index == 0 { (bytes.as_slice(), truncated) } else { (plain.0.as_slice(), plain.1) };
        match take_off(coding, source, most) {
            Ok((taken, beyond, end)) => match end {
                // What was cut can't have an end.
                Err(error) if !cut => {
                    packed.unread = Some(Unread::Broken { error: format!("{coding}: {error}") });
                    return Unpacked { bytes, truncated, packed: Some(packed) };
                }
                _ => plain = (taken, cut || beyond),
            },
            // Such as `UTF-8` or `none`: whoever reads JSON there takes it as it is.
            Err(_) if is_json(source) => plain = (source.to_vec(), cut),
            Err(coding) => {
                packed.unread = Some(Unread::Unknown { coding });
                return Unpacked { bytes, truncated, packed: Some(packed) };
            }
        }
    }
    Unpacked { bytes: plain.0, truncated: plain.1, packed: Some(packed) }
}

fn is_json(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok()
}

/// Whether this build can take a coding off.
pub(crate) fn is_known(coding: &str) -> bool {
    take_off(coding, b"", 0).is_ok()
}

/// What was read, whether there is more than that, and how it ended.
type Taken = (Vec<u8>, bool, io::Result<()>);

/// Takes one coding off; `Err` with its name if it isn't known.
fn take_off(coding: &str, bytes: &[u8], most: usize) -> Result<Taken, String> {
    Ok(match coding {
        "gzip" | "x-gzip" => gzip(bytes, most),
        // Meant is zlib (RFC 9110); many servers send it without zlib's head.
        "deflate" => {
            let zlib = inflate(bytes, true, most);
            // Nearly any bytes are some stream without a head; a text that is JSON already is none.
            let headless = zlib.2.is_err() && zlib.0.is_empty() && !is_json(bytes);
            if headless { inflate(bytes, false, most) } else { zlib }
        }
        "br" => take(brotli_decompressor::Decompressor::new(bytes, 4096), most),
        "zstd" => {
            match ruzstd::decoding::StreamingDecoder::new_with_max_window_size(bytes, WINDOW as u64)
            {
                Ok(decoder) => take(decoder, most),
                Err(error) => (Vec::new(), false, Err(io::Error::other(error.to_string()))),
            }
        }
        unknown => return Err(unknown.to_owned()),
    })
}

/// Member after member; what follows the last one is passed over, as every other client does.
fn gzip(bytes: &[u8], most: usize) -> Taken {
    let mut all = Vec::new();
    let mut rest = bytes;
    loop {
        let mut decoder = GzDecoder::new(rest);
        let (taken, beyond, end) = take(&mut decoder, most - all.len());
        all.extend_from_slice(&taken);
        rest = decoder.into_inner();
        if beyond || end.is_err() || !rest.starts_with(&[0x1f, 0x8b]) {
            return (all, beyond, end);
        }
    }
}

/// By hand, because the readers of flate2 take a stream that breaks off for one that ended.
fn inflate(bytes: &[u8], zlib: bool, most: usize) -> Taken {
    let mut inflater = Decompress::new(zlib);
    let mut taken = Vec::new();
    loop {
        let (read, written) =
            (usize::try_from(inflater.total_in()).unwrap_or(usize::MAX), taken.len());
        taken.reserve(PIECE);
        let end = match inflater.decompress_vec(
            bytes.get(read..).unwrap_or_default(),
            &mut taken,
            FlushDecompress::None,
        ) {
            Ok(Status::StreamEnd) => Some(Ok(())),
            Ok(_) if inflater.total_in() == read as u64 && taken.len() == written => {
                Some(Err(io::ErrorKind::UnexpectedEof.into()))
            }
            Ok(_) => None,
            Err(error) => Some(Err(io::Error::other(error.to_string()))),
        };
        if taken.len() > most {
            taken.truncate(most);
            return (taken, true, Ok(()));
        }
        if let Some(end) = end {
            return (taken, false, end);
        }
    }
}

/// How much room is made at a time.
const PIECE: usize = 32 * 1024;

fn take(reader: impl Read, most: usize) -> Taken {
    let mut taken = Vec::new();
    // One byte more tells that there is more.
    let end = reader.take(most as u64 + 1).read_to_end(&mut taken).map(drop);
    let beyond = taken.len() > most;
    taken.truncate(most);
    (taken, beyond, if beyond { Ok(()) } else { end })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use base64::Engine as _;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const TEXT: &[u8] =
        br#"[{"id":"17","result":"success","message":[]},{"id":"18","result":"success","message":[]},{"id":"19","result":"success","message":[]},{"id":"20","result":"failed","message":[]}]"#;

    type Writer = Box<dyn FnMut(&[u8]) -> Vec<u8>>;

    fn packed(coding: &str) -> Vec<u8> {
        let written = |mut writer: Writer| writer(TEXT);
        match coding {
            "gzip" | "x-gzip" => written(Box::new(|text| {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap()
            })),
            "deflate" => written(Box::new(|text| {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap()
            })),
            "raw" => written(Box::new(|text| {
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap()
            })),
            // Packed by Google's brotli 1.1 and by zstd 1.5, each with checksum where it has one.
            _ => base64::engine::general_purpose::STANDARD
                .decode(if coding == "br" { BROTLI } else { ZSTD })
                .unwrap(),
        }
    }

    const BROTLI: &str =
        "G68AQBwHdnPOh6OB125WRqhFtrr2esDlYnBvNItOV1/HOAC7Rp8GX/R85hNDAP3uExogIgJaaqdRAZUELbLyAA==";
    const ZSTD: &str = "KLUv/SSwFQIAgkMMEaDthR2Y0bfaCMDvbDwI+t+EaPFziQFRyFZ0zLmlbobfd7NSs28u32yO349w8+VOTwUATnUFcBhADGBE36vK4Qfnkw==";

    fn unpacked(bytes: Vec<u8>, codings: &[&str], most: usize) -> Unpacked {
        unpack(
            bytes,
            false,
            &codings.iter().map(|coding| (*coding).to_owned()).collect::<Vec<_>>(),
            most,
        )
    }

    #[test]
    fn each_coding_is_taken_off() {
        for (form, name) in [
            ("gzip", "gzip"),
            ("x-gzip", "x-gzip"),
            ("deflate", "deflate"),
            ("raw", "deflate"),
            ("br", "br"),
            ("zstd", "zstd"),
        ] {
            let bytes = packed(form);
            let length = bytes.len() as u64;
            let plain = unpacked(bytes, &[name], 1000);
            assert_eq!((plain.bytes.as_slice(), plain.truncated), (TEXT, false), "{form}");
            assert_eq!(
                plain.packed,
                Some(Packed { coding: name.to_owned(), bytes: length, unread: None })
            );
        }
    }

    #[test]
    fn several_codings_come_off_in_turn_and_members_of_gzip_one_after_the_other() {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&packed("gzip")).unwrap();
        assert_eq!(unpacked(encoder.finish().unwrap(), &["gzip", "deflate"], 1000).bytes, TEXT);
        let twice = [packed("gzip"), packed("gzip"), b"\0\0\0".to_vec()].concat();
        assert_eq!(unpacked(twice, &["gzip"], 1000).bytes, [TEXT, TEXT].concat());
    }

    #[test]
    fn what_is_broken_or_unknown_is_kept_as_it_came() {
        for name in ["gzip", "deflate", "br", "zstd"] {
            let whole = packed(name);
            let half = whole[..whole.len() / 2].to_vec();
            for bytes in [half, TEXT.to_vec(), vec![0xFF; 40]] {
                let kept = unpacked(bytes.clone(), &[name], 1000);
                assert!(
                    matches!(
                        kept.packed.as_ref().and_then(|packed| packed.unread.as_ref()),
                        Some(Unread::Broken { .. })
                    ),
                    "{name}: {:?} {:?}",
                    kept.packed,
                    kept.bytes
                );
                assert_eq!(kept.bytes, bytes);
            }
        }
        let unknown = unpacked(TEXT[1..].to_vec(), &["compress"], 1000);
        assert_eq!(
            unknown.packed.and_then(|packed| packed.unread),
            Some(Unread::Unknown { coding: "compress".to_owned() })
        );
        assert_eq!(unpacked(Vec::new(), &["gzip"], 1000).packed, None);
    }

    #[test]
    fn json_under_a_coding_that_is_none_is_read_as_it_is() {
        for name in ["utf-8", "none", "binary", "8bit"] {
            for text in [TEXT.to_vec(), [b"\xEF\xBB\xBF", TEXT].concat()] {
                let plain = unpacked(text.clone(), &[name], 1000);
                assert_eq!((plain.bytes, plain.truncated), (text, false), "{name}");
                assert!(plain.packed.is_some_and(|packed| packed.unread.is_none()), "{name}");
            }
        }
        assert_eq!(unpacked(packed("gzip"), &["utf-8", "gzip"], 1000).bytes, TEXT);
        assert!(is_known("x-gzip") && is_known("zstd") && !is_known("utf-8"));
    }

    #[test]
    fn nothing_grows_beyond_the_bound() {
        let zeros = vec![0_u8; 1 << 20];
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&zeros).unwrap();
        let plain = unpacked(encoder.finish().unwrap(), &["gzip"], 1000);
        assert_eq!((plain.bytes.len(), plain.truncated), (1000, true));
        // What our own bound cut isn't called broken.
        let whole = packed("gzip");
        let cut = unpack(whole[..whole.len() - 9].to_vec(), true, &["gzip".to_owned()], 1000);
        assert!(cut.truncated && cut.packed.is_some_and(|packed| packed.unread.is_none()));
    }

    #[test]
    fn the_codings_are_read_from_every_line() {
        let header = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
        let headers = [
            header("content-encoding", "deflate, GZIP"),
            header("content-encoding", "br"),
            header("transfer-encoding", "gzip, chunked"),
            header("x", "y"),
        ];
        assert_eq!(codings(&headers), ["deflate", "gzip", "br", "gzip"]);
        assert!(
            codings(&[
                header("content-encoding", "identity"),
                header("transfer-encoding", "chunked")
            ])
            .is_empty()
        );
    }
}
