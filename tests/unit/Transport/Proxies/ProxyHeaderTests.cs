using System.Net;
using IotPlatform.Transport.Proxies;

namespace IotPlatform.Unit.Tests.Transport.Proxies;

/// <summary>PROXY protocol headers, byte by byte.</summary>
public sealed class ProxyHeaderTests
{
    private const string Signature = "0D0A0D0A 000D0A51 5549540A ";
    private const string Tcp4 = "C0000201 0A000001 E3F8 075B ";
    private const string Tcp6 = "20010DB8000000000000000000000001 20010DB8000000000000000000000002 E3F8 075B ";

    // Name, header, the client it names.
    public static TheoryData<string, string, string?> Right() => new()
    {
        { "TCP over IPv4", Signature + "21 11 000C" + Tcp4, "192.0.2.1:58360" },
        { "TCP over IPv4 with what load balancers add", Signature + "21 11 0014" + Tcp4 + "03 0004 A9B87EE8 04", "192.0.2.1:58360" },
        { "TCP over IPv6", Signature + "21 21 0024" + Tcp6, "[2001:db8::1]:58360" },
        { "TCP over IPv6, the client's IPv4", Signature + "21 21 0024 00000000000000000000FFFFC0000201 00000000000000000000FFFF0A000001 E3F8 075B", "192.0.2.1:58360" },
        { "of the load balancer itself", Signature + "20 00 0000", null },
        { "of the load balancer itself, with addresses", Signature + "20 11 000C" + Tcp4, null },
        { "unspecified", Signature + "21 00 0000", null },
        { "unspecified, with what load balancers add", Signature + "21 00 0007 03 0004 A9B87EE8", null },
        { "UDP", Signature + "21 12 000C" + Tcp4, null },
        { "Unix", Signature + "21 31 0002 0000", null },
    };

    // Name, header, how many bytes of it show that it is not right.
    public static TheoryData<string, string, int> Wrong() => new()
    {
        { "MQTT", "10 0C 0004 4D515454 04 02 0000 0000", 1 },
        { "version 1", Convert.ToHexString("PROXY TCP4 192.0.2.1 10.0.0.1 1 2\r\n"u8), 1 },
        { "another signature", "0D0A0D0A 000D0A51 5549540B", 12 },
        { "another version", Signature + "11 11 000C" + Tcp4, 16 },
        { "another command", Signature + "22 11 000C" + Tcp4, 16 },
        { "another family", Signature + "21 41 000C" + Tcp4, 16 },
        { "another transport", Signature + "21 13 000C" + Tcp4, 16 },
        { "too short for IPv4", Signature + "21 11 000B" + Tcp4, 16 },
        { "too short for IPv6", Signature + "21 21 0023" + Tcp6, 16 },
        { "longer than any that is needed", Signature + "21 11 0FF1" + Tcp4, 16 },
        { "as long as can be", Signature + "20 00 FFFF", 16 },
    };

    [Theory]
    [MemberData(nameof(Right))]
    public void Header_ThatIsRight_NamesItsClient(string name, string hex, string? client)
    {
        var bytes = BytesOf(hex);
        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeader.TryRead([.. bytes, 0x10, 0x0C], out var needed, out var found));
        Assert.True(found?.ToString() == client, name);
        Assert.Equal(bytes.Length, needed);
    }

    [Theory]
    [MemberData(nameof(Right))]
    public void EveryProperPrefix_OfARightHeader_NeedsMore(string name, string hex, string? client)
    {
        _ = client;
        var bytes = BytesOf(hex);
        for (var length = 0; length < bytes.Length; length++)
        {
            var status = ProxyHeader.TryRead(bytes.AsSpan(0, length), out var needed, out var found);
            Assert.True(status == ProxyHeaderStatus.NeedMore && found is null, $"{name}, {length} bytes");
            Assert.Equal(length < ProxyHeader.FixedBytes ? ProxyHeader.FixedBytes : bytes.Length, needed);
        }
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Header_ThatIsWrong_IsKnownAsSoonAsItShows(string name, string hex, int shows)
    {
        var bytes = BytesOf(hex);
        for (var length = 0; length <= bytes.Length; length++)
        {
            var expected = length < shows ? ProxyHeaderStatus.NeedMore : ProxyHeaderStatus.Malformed;
            Assert.True(ProxyHeader.TryRead(bytes.AsSpan(0, length), out _, out _) == expected, $"{name}, {length} bytes");
        }
    }

    [Fact]
    public void LongestHeader_IsTaken()
    {
        byte[] bytes = [.. BytesOf(Signature + "21 11 0FF0" + Tcp4), .. new byte[ProxyHeader.BytesMax - 28]];
        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeader.TryRead(bytes, out var needed, out var client));
        Assert.Equal(ProxyHeader.BytesMax, needed);
        Assert.Equal(IPAddress.Parse("192.0.2.1"), client!.Address);
    }

    private static byte[] BytesOf(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
