using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Packets;

/// <summary>What a client asked for with one subscription.</summary>
/// <param name="Options">Its options.</param>
/// <param name="Identifier">The property that names it in every message (section 3.3.2.3.8), encoded; empty for none.</param>
public readonly record struct SubscriptionTerms(SubscriptionOptions Options, ReadOnlyMemory<byte> Identifier = default)
{
    /// <summary>The subscription identifier, 1 to 268,435,455; 0 for none.</summary>
    public int IdentifierNumber =>
        // Behind the byte that says which property it is.
        !Identifier.IsEmpty && VariableInteger.TryRead(Identifier.Span[1..], out var number, out _) == FrameStatus.Complete ? number : 0;

    /// <summary>The terms of a subscription.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="identifier">1 to 268,435,455, or null.</param>
    public static SubscriptionTerms Of(SubscriptionOptions options, uint? identifier) => new(options, identifier is { } number ? Encode(number) : default);

    /// <summary>The terms of a subscription that was judged before, as they are kept.</summary>
    /// <param name="bits">The options byte (<see cref="SubscriptionOptions.Bits"/>).</param>
    /// <param name="identifier">1 to 268,435,455; 0 for none.</param>
    public static SubscriptionTerms OfKept(int bits, long identifier)
    {
        SubscriptionOptions.TryRead((byte)bits, ProtocolVersion.Mqtt500, out var options, out _);
        return Of(options, identifier == 0 ? null : (uint)identifier);
    }

    private static ReadOnlyMemory<byte> Encode(uint identifier)
    {
        var measuring = PacketWriter.Measuring();
        measuring.WriteProperty(PropertyId.SubscriptionIdentifier, identifier);
        var encoded = new byte[measuring.Position];
        new PacketWriter(encoded).WriteProperty(PropertyId.SubscriptionIdentifier, identifier);
        return encoded;
    }
}
