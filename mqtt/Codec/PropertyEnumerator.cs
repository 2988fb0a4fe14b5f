namespace IotPlatform.Mqtt.Codec;

/// <summary>Walks encoded properties that have been validated. Can also be restricted to one identifier.</summary>
public ref struct PropertyEnumerator
{
    private readonly ReadOnlySpan<byte> _encoded;
    private readonly PropertyId? _only;
    private PacketReader _reader;
    private int _start;

    internal PropertyEnumerator(ReadOnlySpan<byte> encoded, PropertyId? only = null)
    {
        _encoded = encoded;
        _only = only;
        _reader = new PacketReader(encoded);
        Current = default;
    }

    /// <summary>The property reached by the last <see cref="MoveNext"/>.</summary>
    public Property Current { get; private set; }

    /// <summary>The bytes of the current property, identifier included.</summary>
    public readonly ReadOnlySpan<byte> CurrentEncoded => _encoded[_start..^_reader.Remaining];

    /// <summary>Lets the walk itself be used in foreach.</summary>
    public readonly PropertyEnumerator GetEnumerator() => this;

    /// <summary>Goes to the next property.</summary>
    public bool MoveNext()
    {
        while (!_reader.IsAtEnd)
        {
            _start = _encoded.Length - _reader.Remaining;
            Current = _reader.ReadProperty(PropertyTable.Everywhere);
            if (_only is null || Current.Id == _only)
            {
                return !_reader.HasFailed;
            }
        }

        return false;
    }
}
