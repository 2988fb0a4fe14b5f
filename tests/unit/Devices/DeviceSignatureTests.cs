using System.Text;
using IotPlatform.Devices;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>Logins that are signed, judged by the device's grain.</summary>
public sealed class DeviceSignatureTests : IAsyncDisposable
{
    private const string Content = "clientId12345deviceNamedeviceproductKeypktimestamp789";

    private readonly DeviceScenario _scenario = new();

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    // Signatures that Alibaba Cloud has published, or that its rule gives.
    [Theory]
    [InlineData("secret", Content, SignMethod.HmacMd5, "14b198324fe55e1d3c88f2e705e201ee")]
    [InlineData("secret", Content, SignMethod.HmacSha1, "FAFD82A3D602B37FB0FA8B7892F24A477F851A14")]
    [InlineData("secret", Content, SignMethod.HmacSha256, "6074a46a91b1ebb2cc4ea42790ad0e80202c9843859fc292e57c4eb19fad9e57")]
    [InlineData("oLyaKqVxtRvjH284LdhqVgVUx1UPy6zq", "clientIdSN1928339deviceNamelight1983432productKeya14Xib5kdYdtimestamp1539421321846", SignMethod.HmacSha1, "b2488041f64f425016b467ee1c94959ebd592ad1")]
    [InlineData("amzS2Q9siGHpSVDVhvDV43661DmfdXtW", "clientIdXP001deviceNameXP001productKeya1Ze3BcsQ5x", SignMethod.HmacSha1, "cc4e388e7f1ea1e5bdaf15891b76f2dfcfeffb06")]
    [InlineData("424ed56661980c604255507d1b81464e", "clientIddk004deviceNamedk004productKeyg6palBDnzyT", SignMethod.HmacMd5, "facf207f36c81d4d023ef9b7c8ae1a1d")]
    public void Signature_OfTheSecret_Is(string secret, string content, SignMethod method, string signature)
    {
        var proof = Proof(content, method, Convert.FromHexString(signature));
        Assert.True(DeviceSignature.IsOf(secret, proof));
        Assert.False(DeviceSignature.IsOf(secret + "x", proof));
        Assert.False(DeviceSignature.IsOf(secret, Proof(content + "x", method, Convert.FromHexString(signature))));
        foreach (var other in Enum.GetValues<SignMethod>().Where(other => other != method))
        {
            Assert.False(DeviceSignature.IsOf(secret, proof with { Method = other }));
        }
    }

    [Theory]
    [InlineData(SignMethod.HmacSha256, 0)]
    [InlineData(SignMethod.HmacSha256, 16)]
    [InlineData(SignMethod.HmacSha256, 64)]
    [InlineData((SignMethod)99, 0)]
    [InlineData((SignMethod)99, 32)]
    public void Signature_ThatIsNone_IsNot(SignMethod method, int length) => Assert.False(DeviceSignature.IsOf("secret", Proof(Content, method, new byte[length])));

    [Fact]
    public void Signature_OfALongSecret_Is()
    {
        var secret = new string('é', 1_000);
        var signature = System.Security.Cryptography.HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(Content));
        Assert.True(DeviceSignature.IsOf(secret, Proof(Content, SignMethod.HmacSha256, signature)));
    }

    [Theory]
    [InlineData(DeviceScenario.Secret, true, AttachOutcome.Attached)]
    [InlineData(DeviceScenario.Secret, false, AttachOutcome.Disabled)]
    [InlineData("another", true, AttachOutcome.BadCredential)]
    [InlineData("another", false, AttachOutcome.BadCredential)]
    [InlineData(null, true, AttachOutcome.BadCredential)]
    public async Task Login_IsLetIn_WithASignatureOfItsSecret(string? secret, bool isEnabled, AttachOutcome expected)
    {
        _scenario.Register(isEnabled);
        Assert.Equal(expected, await AttachAsync(secret));
    }

    [Fact]
    public async Task Login_OfAnUnknownDevice_IsBadAndRegistersNothing()
    {
        Assert.Equal(AttachOutcome.BadCredential, await AttachAsync(DeviceScenario.Secret));
        Assert.Null(_scenario.Host.Registry[DeviceScenario.Device]);
    }

    private static SignatureProof Proof(string content, SignMethod method, byte[] signature) => new(Encoding.UTF8.GetBytes(content), method, signature);

    private async Task<AttachOutcome> AttachAsync(string? signedWith)
    {
        var proof = signedWith is null ? null
            : Proof(Content, SignMethod.HmacSha256, System.Security.Cryptography.HMACSHA256.HashData(Encoding.UTF8.GetBytes(signedWith), Encoding.UTF8.GetBytes(Content)));
        var request = new AttachRequest(
            DeviceScenario.Connection(1), _scenario.Host.Observer, new DeviceCredential(CredentialKind.Signature, "", Signature: proof), DeviceProtocol.Mqtt311, "10.0.0.1:1000", 100,
            Order: 0, Generation: 0, Will: null, Session: null);
        return (await _scenario.Grain.AttachAsync(request, CancellationToken.None)).Outcome;
    }
}
