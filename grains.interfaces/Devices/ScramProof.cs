namespace IotPlatform.Devices;

/// <summary>What a client showed in a SCRAM-SHA-256 exchange (RFC 5802 section 3) to prove that it has its device's secret.</summary>
/// <param name="AuthMessage">What client and server said to each other before.</param>
/// <param name="ClientProof">The client's proof over it.</param>
/// <param name="Salt">The salt that the client was told.</param>
/// <param name="Iterations">The iterations that the client was told.</param>
[GenerateSerializer, Immutable, Alias("iot.scram-proof")]
public sealed record ScramProof(
    [property: Id(0)] ReadOnlyMemory<byte> AuthMessage,
    [property: Id(1)] ReadOnlyMemory<byte> ClientProof,
    [property: Id(2)] ReadOnlyMemory<byte> Salt,
    [property: Id(3)] int Iterations)
{
    /// <summary>Without what was said, which belongs in no log.</summary>
    public override string ToString() => nameof(ScramProof);
}
