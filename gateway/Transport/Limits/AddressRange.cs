using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace IotPlatform.Transport.Limits;

/// <summary>An address, or all addresses of a network.</summary>
internal readonly struct AddressRange
{
    private readonly IPNetwork _network;

    private AddressRange(IPNetwork network) => _network = network;

    /// <param name="text">An address as <c>10.1.2.3</c>, or a network as <c>10.1.0.0/16</c>.</param>
    /// <param name="range">What it names.</param>
    public static bool TryParse(string text, out AddressRange range)
    {
        range = default;
        var slash = text.IndexOf('/');
        if (!TryParseAddress(slash < 0 ? text : text[..slash], out var address))
        {
            return false;
        }

        var length = BitsOf(address);
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > BitsOf(address)))
        {
            return false;
        }

        // A network of mapped addresses is one of IPv4; where it goes beyond those, it is none.
        var plain = Plain(address);
        length -= BitsOf(address) - BitsOf(plain);
        if (length < 0 || !IPNetwork.TryParse($"{plain}/{length}", out var network) || !network.BaseAddress.Equals(plain))
        {
            return false;
        }

        range = new AddressRange(network);
        return true;
    }

    public bool Contains(EndPoint client) => client is IPEndPoint { Address: var address } && _network.Contains(Plain(address));

    /// <summary>The same for all ways to write it: an address without a length, a network with one.</summary>
    public override string ToString() => _network.PrefixLength == BitsOf(_network.BaseAddress) ? _network.BaseAddress.ToString() : _network.ToString();

    // Neither 10.1, which others take for 10.0.0.1, nor 010.0.0.1, which is 8.0.0.1 to some; and no scope, which means something on one machine only.
    private static bool TryParseAddress(string text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address)
        && (address.AddressFamily == AddressFamily.InterNetwork ? address.ToString() == text : !text.AsSpan().ContainsAny('%', '['));

    private static int BitsOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;

    // A socket for both families shows IPv4 addresses as IPv6 ones.
    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
