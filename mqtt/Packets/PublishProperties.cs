using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Packets;

/// <summary>The properties of a PUBLISH (section 3.3.2.3): validated, and found in the packet's own bytes when asked for.</summary>
public readonly ref struct PublishProperties
{
    // What a server never forwards as it is: the alias belongs to one connection, the identifiers to one subscriber (and only a server may
    // send them), and of the expiry it sends what is left [MQTT-3.3.2-6].
    private static readonly ulong PerHop = PropertyBlock.Bit(PropertyId.TopicAlias) | PropertyBlock.Bit(PropertyId.SubscriptionIdentifier)
        | PropertyBlock.Bit(PropertyId.MessageExpiryInterval);

    private readonly PropertyBlock _block;

    private PublishProperties(PropertyBlock block) => _block = block;

    /// <summary>All properties as they are on the wire, without the property length in front.</summary>
    public ReadOnlySpan<byte> Encoded => _block.Encoded;

    /// <summary>Whether the payload is UTF-8 text, or null when absent (which means no).</summary>
    public bool? PayloadFormatIndicator => _block.Flag(PropertyId.PayloadFormatIndicator);

    /// <summary>Seconds for which the message may be delivered, or null for ever.</summary>
    public uint? MessageExpiryInterval => _block.Number(PropertyId.MessageExpiryInterval);

    /// <summary>Whether there is a topic alias.</summary>
    public bool HasTopicAlias => _block.Has(PropertyId.TopicAlias);

    /// <summary>The number that stands for the topic name, never 0, or null.</summary>
    public ushort? TopicAlias => _block.ShortNumber(PropertyId.TopicAlias);

    /// <summary>Where a response is wanted, a valid topic name; empty when absent.</summary>
    public ReadOnlySpan<byte> ResponseTopic => _block.Bytes(PropertyId.ResponseTopic);

    /// <summary>Whether there is correlation data, which may be empty.</summary>
    public bool HasCorrelationData => _block.Has(PropertyId.CorrelationData);

    /// <summary>What a response must repeat.</summary>
    public ReadOnlySpan<byte> CorrelationData => _block.Bytes(PropertyId.CorrelationData);

    /// <summary>Whether there is a content type, which may be empty.</summary>
    public bool HasContentType => _block.Has(PropertyId.ContentType);

    /// <summary>The content type of the payload in UTF-8.</summary>
    public ReadOnlySpan<byte> ContentType => _block.Bytes(PropertyId.ContentType);

    /// <summary>Whether there is at least one user property.</summary>
    public bool HasUserProperties => _block.Has(PropertyId.UserProperty);

    /// <summary>Walks the user properties: <see cref="Property.Name"/> and <see cref="Property.Bytes"/> in UTF-8, in their order.</summary>
    public PropertyEnumerator UserProperties => new(Encoded, PropertyId.UserProperty);

    /// <summary>Whether there is at least one subscription identifier; only a server sends them [MQTT-3.3.4-6].</summary>
    public bool HasSubscriptionIdentifiers => _block.Has(PropertyId.SubscriptionIdentifier);

    /// <summary>Walks the subscription identifiers: <see cref="Property.Number"/>.</summary>
    public PropertyEnumerator SubscriptionIdentifiers => new(Encoded, PropertyId.SubscriptionIdentifier);

    /// <summary>
    /// Whether <see cref="Encoded"/> is just what a server must forward unaltered (payload format, content type, response topic, correlation data,
    /// user properties in their order), so that no copy is needed.
    /// </summary>
    public bool IsForwardedAsIs => !_block.HasAny(PerHop);

    /// <summary>Bytes that <see cref="CopyForwarded"/> writes.</summary>
    public int ForwardedSize
    {
        get
        {
            if (IsForwardedAsIs)
            {
                return Encoded.Length;
            }

            var size = 0;
            var properties = _block.GetEnumerator();
            while (properties.MoveNext())
            {
                size += IsForwarded(properties.Current.Id) ? properties.CurrentEncoded.Length : 0;
            }

            return size;
        }
    }

    /// <summary>Validates encoded properties (without the length in front), for instance stored ones.</summary>
    public static bool TryParse(ReadOnlySpan<byte> encoded, Sender sender, out PublishProperties properties, out ReasonCode error)
    {
        var isValid = PropertyBlock.TryParse(encoded, PropertyScope.Publish, out var block, out error);
        if (isValid && sender == Sender.Client && block.Has(PropertyId.SubscriptionIdentifier))
        {
            // [MQTT-3.3.4-6]
            error = ReasonCode.ProtocolError;
            isValid = false;
        }

        properties = isValid ? new PublishProperties(block) : default;
        return isValid;
    }

    /// <summary>
    /// Copies what a server must forward unaltered, in its order, and returns the number of bytes: everything but Message Expiry Interval, Topic Alias
    /// and Subscription Identifiers, which the server writes itself.
    /// </summary>
    public int CopyForwarded(Span<byte> destination)
    {
        if (IsForwardedAsIs)
        {
            Encoded.CopyTo(destination);
            return Encoded.Length;
        }

        var position = 0;
        var properties = _block.GetEnumerator();
        while (properties.MoveNext())
        {
            if (IsForwarded(properties.Current.Id))
            {
                properties.CurrentEncoded.CopyTo(destination[position..]);
                position += properties.CurrentEncoded.Length;
            }
        }

        return position;
    }

    internal static PublishProperties Read(scoped ref PacketReader reader, Sender sender)
    {
        var encoded = reader.ReadBytes(reader.ReadVariableInteger());
        if (!TryParse(encoded, sender, out var properties, out var error))
        {
            reader.Fail(error);
        }

        return properties;
    }

    private static bool IsForwarded(PropertyId id) => (PerHop & PropertyBlock.Bit(id)) == 0;
}
