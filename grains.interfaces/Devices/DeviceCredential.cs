
namespace IotPlatform.Devices;

/// <summary>What a device showed at its login.</summary>
/// <param name="Kind">How it is to be judged.</param>
/// <param name="Secret">What it gave as its secret; empty where it gave none.</param>
/// <param name="Proof">With <see cref="CredentialKind.Scram"/>, what proves that it has the secret.</param>
/// <param name="Signature">With <see cref="CredentialKind.Signature"/>, what it signed with the secret.</param>
[GenerateSerializer, Immutable, Alias("iot.device-credential")]
public sealed record DeviceCredential(
    [property: Id(0)] CredentialKind Kind, [property: Id(1)] string Secret, [property: Id(2)] ScramProof? Proof = null, [property: Id(3)] SignatureProof? Signature = null)
{
    /// <summary>Without the secret, which belongs in no log.</summary>
    public override string ToString() => Kind.ToString();
}
