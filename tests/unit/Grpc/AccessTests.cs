using System.Net;
using IotPlatform.Grpc;
using IotPlatform.Unit.Tests.Protos;

namespace IotPlatform.Unit.Tests.Grpc;

public sealed class AccessTests
{
    [Theory]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer another-key")]
    [InlineData("Bearer the-key-and-more")]
    [InlineData("Basic the-key")]
    [InlineData("the-key")]
    public async Task Call_WithoutAKnownKey_IsUnauthenticated(string authorization)
    {
        var isReached = false;
        var service = new ToyService
        {
            OnEcho = (request, _) =>
            {
                isReached = true;
                return Task.FromResult(request);
            },
        };
        await using var server = await ToyServer.StartAsync(service);

        foreach (var method in new[] { "iot.toy.v1.Toy/Echo", "iot.toy.v1.Toy/Nothing", "grpc.reflection.v1.ServerReflection/ServerReflectionInfo" })
        {
            var reply = await server.Grpc.CallAsync(method, new EchoRequest(), ("authorization", authorization));

            Assert.Equal((method, StatusCode.Unauthenticated), (method, reply.Status));
            Assert.True(reply.IsTrailersOnly);
        }

        Assert.False(isReached);
    }

    [Fact]
    public async Task Call_WithAnotherCaseOfTheScheme_IsAnswered()
    {
        await using var server = await ToyServer.StartAsync();

        var reply = await server.Grpc.CallAsync("iot.toy.v1.Toy/Echo", new EchoRequest(), ("authorization", "bearer the-key"));

        Assert.Equal(StatusCode.OK, reply.Status);
    }

    [Theory]
    [InlineData(null, "Bearer")]
    [InlineData("Bearer another-key", "Bearer error=\"invalid_token\"")]
    public async Task Rest_WithoutAKnownKey_Is401WithAChallenge(string? authorization, string challenge)
    {
        await using var server = await ToyServer.StartAsync();
        server.Rest.DefaultRequestHeaders.Remove("Authorization");
        if (authorization is not null)
        {
            server.Rest.DefaultRequestHeaders.Add("Authorization", authorization);
        }

        using var response = await server.Rest.GetAsync("/v1/echoes/hello");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(challenge, response.Headers.WwwAuthenticate.ToString());
        Assert.StartsWith("{\"code\":\"UNAUTHENTICATED\",", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/healthz", HttpStatusCode.OK)]
    [InlineData("/readyz", HttpStatusCode.ServiceUnavailable)]
    [InlineData("/openapi/v1.json", HttpStatusCode.OK)]
    public async Task OpenEndpoint_WithoutAKey_Answers(string path, HttpStatusCode status)
    {
        await using var server = await ToyServer.StartAsync();
        server.Rest.DefaultRequestHeaders.Remove("Authorization");

        using var response = await server.Rest.GetAsync(path);

        Assert.Equal(status, response.StatusCode);
    }
}
