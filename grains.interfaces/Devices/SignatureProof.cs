namespace IotPlatform.Devices;

/// <summary>What a device signed with its secret to prove that it has it.</summary>
/// <param name="Content">What is signed.</param>
/// <param name="Method">The keyed hash.</param>
/// <param name="Signature">The hash; empty where it gave none.</param>
[GenerateSerializer, Immutable, Alias("iot.signature-proof")]
public sealed record SignatureProof(
    [property: Id(0)] ReadOnlyMemory<byte> Content, [property: Id(1)] SignMethod Method, [property: Id(2)] ReadOnlyMemory<byte> Signature)
{
    /// <summary>Without the signature, which lets in whoever repeats it.</summary>
    public override string ToString() => Method.ToString();
}
