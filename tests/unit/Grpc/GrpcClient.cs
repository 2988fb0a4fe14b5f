using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace IotPlatform.Unit.Tests.Grpc;

/// <summary>gRPC written out by hand over HTTP/2 without TLS, so that a test can send what no library would.</summary>
internal sealed class GrpcClient(Uri address) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler()) { BaseAddress = address };

    public Task<GrpcReply> CallAsync(string method, IMessage request, params (string Name, string Value)[] headers) =>
        SendAsync(method, GrpcFrames.Frame(request), headers);

    public async Task<GrpcReply> SendAsync(string method, byte[] body, params (string Name, string Value)[] headers)
    {
        using var request = Request(method, new ByteArrayContent(body), headers);
        var response = await _http.SendAsync(request);
        return new GrpcReply(response, await response.Content.ReadAsByteArrayAsync());
    }

    /// <summary>Starts a call whose request body stays open; answers when the response headers have come.</summary>
    public Task<GrpcStream> OpenAsync(string method, params (string Name, string Value)[] headers) =>
        GrpcStream.OpenAsync(_http, content => Request(method, content, headers));

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _http.SendAsync(request);

    public void Dispose() => _http.Dispose();

    /// <summary>A request with the key and the content type, unless <paramref name="headers"/> say otherwise.</summary>
    public static HttpRequestMessage Request(string method, HttpContent content, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/" + method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TryAddWithoutValidation("authorization", "Bearer " + OneKeyVerifier.Key);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        foreach (var (name, value) in headers)
        {
            Set(request, name, value);
        }

        return request;
    }

    private static void Set(HttpRequestMessage request, string name, string value)
    {
        HttpHeaders fields = name == "content-type" ? request.Content!.Headers : request.Headers;
        fields.Remove(name);
        if (value.Length > 0)
        {
            fields.TryAddWithoutValidation(name, value);
        }
    }
}
