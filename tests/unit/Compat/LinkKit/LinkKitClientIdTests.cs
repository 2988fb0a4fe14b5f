using System.Text;
using IotPlatform.Compat.LinkKit;
using IotPlatform.Devices;

namespace IotPlatform.Unit.Tests.Compat.LinkKit;

/// <summary>Client ids that say how a login is signed, and what is signed then.</summary>
public sealed class LinkKitClientIdTests
{
    private static readonly DeviceId Device = new("g6palBDnzyT", "dk004");

    [Theory]
    [InlineData("12345|securemode=3,signmethod=hmacsha1,timestamp=789|", "12345", SignMethod.HmacSha1, "789")]
    [InlineData("XP001|securemode=3,signmethod=HmacSHA1|", "XP001", SignMethod.HmacSha1, null)]
    [InlineData("a.b|timestamp=2524608000000,_v=sdk-c-3.0.1,securemode=3,signmethod=hmacsha256,lan=C,gw=0,ext=0|", "a.b", SignMethod.HmacSha256, "2524608000000")]
    [InlineData("dk004|securemode=2|", "dk004", SignMethod.HmacMd5, null)]
    [InlineData("|securemode=2,timestamp=|", "", SignMethod.HmacMd5, "")]
    [InlineData("x|signmethod=hmacsm3|", "x", null, null)]
    public void ClientId_SaysHowTheLoginIsSigned(string clientId, string bare, SignMethod? method, string? timestamp) =>
        Assert.Equal(new LinkKitClientId(bare, method, timestamp), LinkKitClientId.Of(clientId));

    [Theory]
    [InlineData("")]
    [InlineData("d1")]
    [InlineData("|")]
    [InlineData("d1|")]
    [InlineData("d1||")]
    [InlineData("d1|securemode=3")]
    [InlineData("d1|securemode|")]
    [InlineData("d1|securemode=3,|")]
    [InlineData("d1|a=1|b=2|")]
    public void ClientId_OfAnotherKind_IsNone(string clientId) => Assert.Null(LinkKitClientId.Of(clientId));

    [Theory]
    [InlineData("g6palBDnzyT.dk004|timestamp=2524608000000,signmethod=hmacsha256|", "clientIdg6palBDnzyT.dk004deviceNamedk004productKeyg6palBDnzyTtimestamp2524608000000")]
    [InlineData("dk004|securemode=2|", "clientIddk004deviceNamedk004productKeyg6palBDnzyT")]
    public void Content_HasTheTimestamp_WhereThatWasSent(string clientId, string content) =>
        Assert.Equal(content, Encoding.UTF8.GetString(LinkKitClientId.Of(clientId)!.ProofOf(Device, "").Content.Span));

    [Theory]
    [InlineData("hmacmd5", "0aF1", 2)]
    [InlineData("hmacmd5", "0aF", 0)]
    [InlineData("hmacmd5", "0aFg", 0)]
    [InlineData("hmacmd5", "", 0)]
    [InlineData("none", "0aF1", 0)]
    public void Password_ThatIsNoSignature_IsNone(string method, string password, int length) =>
        Assert.Equal(length, LinkKitClientId.Of($"d|signmethod={method}|")!.ProofOf(Device, password).Signature.Length);

    [Fact]
    public void Signature_IsInNoLog() => Assert.DoesNotContain("AF", LinkKitClientId.Of("d|a=b|")!.ProofOf(Device, "AFAF").ToString(), StringComparison.OrdinalIgnoreCase);
}
