using System.Collections;
using System.Text;
using IotPlatform.Grpc.Protocol;

namespace IotPlatform.Grpc;

/// <summary>
/// What a handler sends beside its messages: names of <c>[0-9a-z_.-]</c>, text values of visible ASCII and inner spaces, binary values
/// under names that end in <c>-bin</c>. At most <see cref="EntriesMax"/> entries. [PROTOCOL-HTTP2 Custom-Metadata]
/// </summary>
internal sealed class Metadata : IEnumerable<KeyValuePair<string, string>>
{
    /// <summary>More entries are refused with an <see cref="InvalidOperationException"/>: peers bound the size of a header block, 8 KiB as a rule.</summary>
    public const int EntriesMax = 64;

    private readonly List<KeyValuePair<string, string>> _entries = [];

    /// <summary>How many entries there are.</summary>
    public int Count => _entries.Count;

    /// <summary>Adds a text entry.</summary>
    /// <exception cref="ArgumentException">The name is malformed or reserved, or the value is not ASCII.</exception>
    public void Add(string name, string value)
    {
        CheckName(name, isBinary: false);
        if (!Ascii.IsValid(value) || value.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0)
        {
            throw new ArgumentException("A text value holds visible ASCII and spaces only.", nameof(value));
        }

        Append(name, value);
    }

    /// <summary>Adds a binary entry; its name ends in <c>-bin</c>.</summary>
    /// <exception cref="ArgumentException">The name is malformed or reserved.</exception>
    public void Add(string name, ReadOnlySpan<byte> value)
    {
        CheckName(name, isBinary: true);

        // [PROTOCOL-HTTP2 Binary-Header] implementations should emit values without padding.
        Append(name, Convert.ToBase64String(value).TrimEnd('='));
    }

    /// <summary>The entries in the form they have on the wire.</summary>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Append(string name, string value)
    {
        if (_entries.Count == EntriesMax)
        {
            throw new InvalidOperationException($"Metadata holds at most {EntriesMax} entries.");
        }

        _entries.Add(new(name, value));
    }

    private static void CheckName(string name, bool isBinary)
    {
        if (!MetadataName.IsValid(name) || MetadataName.IsReserved(name))
        {
            throw new ArgumentException($"\"{name}\" is no name for metadata.", nameof(name));
        }

        if (MetadataName.IsBinary(name) != isBinary)
        {
            throw new ArgumentException($"\"{name}\": exactly the names of binary values end in -bin.", nameof(name));
        }
    }
}
