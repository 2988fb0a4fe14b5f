namespace IotPlatform.Mqtt.Tests.Golden;

/// <summary>One packet's bytes, and the value they stand for or the reason they are refused for.</summary>
internal sealed record GoldenRow(string Name, string Notation, ProtocolVersion Version, Sender Sender)
{
    /// <summary>The value, or null in a row that is refused.</summary>
    public object? Value { get; init; }

    /// <summary>The reason of a refusal.</summary>
    public ReasonCode Error { get; init; }

    /// <summary>The form in which the value is written, when the row itself shows another one that the standard allows.</summary>
    public string? Canonical { get; init; }

    public byte[] Bytes => Support.Notation.Bytes(Notation);

    public byte[] CanonicalBytes => Support.Notation.Bytes(Canonical ?? Notation);

    public static GoldenRow Valid311(string name, string notation, object value, Sender sender = Sender.Client, string? canonical = null)
        => new(name, notation, ProtocolVersion.Mqtt311, sender) { Value = value, Canonical = canonical };

    public static GoldenRow Valid500(string name, string notation, object value, Sender sender = Sender.Client, string? canonical = null)
        => new(name, notation, ProtocolVersion.Mqtt500, sender) { Value = value, Canonical = canonical };

    public static GoldenRow Refused311(string name, string notation, ReasonCode error, Sender sender = Sender.Client)
        => new(name, notation, ProtocolVersion.Mqtt311, sender) { Error = error };

    public static GoldenRow Refused500(string name, string notation, ReasonCode error, Sender sender = Sender.Client)
        => new(name, notation, ProtocolVersion.Mqtt500, sender) { Error = error };
}
