using System.Net.Sockets;
using System.Text;
using IotPlatform.Unit.Tests.Grpc;

namespace IotPlatform.Unit.Tests.Rest;

/// <summary>Requests that no HTTP client sends.</summary>
public sealed class RawHttpTests
{
    [Theory]
    [InlineData("POST /v1/echoes HTTP/1.1", "Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n", "zz\r\n", "HTTP/1.1 400 ")]
    [InlineData("GET http://host/v1/echoes/absolute?number=3 HTTP/1.1", "", "", "HTTP/1.1 200 ")]
    [InlineData("GET /v1/echoes/a%zz HTTP/1.1", "", "", "HTTP/1.1 400 ")]
    [InlineData("GET /v1/echoes/a%FF HTTP/1.1", "", "", "HTTP/1.1 400 ")]
    [InlineData("GET /v1/echoes/../echoes/a HTTP/1.1", "", "", "HTTP/1.1 404 ")]
    public async Task Request_WrittenByHand_IsAnsweredInKind(string line, string headers, string body, string statusLine)
    {
        await using var server = await ToyServer.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Rest.BaseAddress!.Port);
        var request = $"{line}\r\nHost: host\r\nAuthorization: Bearer {OneKeyVerifier.Key}\r\nConnection: close\r\n{headers}\r\n{body}";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));

        using var reader = new StreamReader(client.GetStream());
        var response = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20));

        Assert.StartsWith(statusLine, response, StringComparison.Ordinal);
        Assert.Empty(server.Log.Errors);
    }
}
