using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using IotPlatform.Api.Rest;
using IotPlatform.Grpc;
using IotPlatform.Unit.Tests.Grpc;
using IotPlatform.Unit.Tests.Protos;

namespace IotPlatform.Unit.Tests.Rest;

public sealed class RestCallTests
{
    [Fact]
    public async Task Post_OfEveryKindOfField_ComesBackInItsJsonForm()
    {
        await using var server = await ToyServer.StartAsync();

        var (status, json) = await PostAsync(server, """
            {"text":"ü","number":-1,"bigNumber":"9223372036854775807","content":"AAEC/w==","colour":"GREEN","maybe":0,
             "words":["a","b"],"inner":{"depth":3,"content":"AQ=="},"flag":true,"ratio":0.5}
            """);

        Assert.Equal(HttpStatusCode.Created, status);
        var expected = JsonDocument.Parse("""
            {"text":"ü","number":-1,"bigNumber":"9223372036854775807","content":"AAEC/w==","colour":"GREEN","maybe":0,
             "words":["a","b"],"inners":[],"inner":{"depth":3,"content":"AQ=="},"flag":true,"ratio":0.5}
            """);
        Assert.True(JsonElement.DeepEquals(expected.RootElement, json), json.GetRawText());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("")]
    public async Task Post_OfNothing_AnswersWithDefaults(string body)
    {
        await using var server = await ToyServer.StartAsync();

        var (status, json) = await PostAsync(server, body);

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal("", json.GetProperty("text").GetString());
        Assert.Equal("0", json.GetProperty("bigNumber").GetString());
        Assert.Equal("COLOUR_UNSPECIFIED", json.GetProperty("colour").GetString());
        Assert.False(json.TryGetProperty("maybe", out _));
    }

    [Theory]
    [InlineData("""{"unknown":1}""", "unknown: there is no such field.")]
    [InlineData("""{"inner":{"unknown":1}}""", "inner.unknown: there is no such field.")]
    [InlineData("""{"inners":[{},{"depth":"x"}]}""", "inners[1].depth: not a 32-bit integer.")]
    [InlineData("""{"content":"*"}""", "content: not bytes in base64 (RFC 4648 section 4, padded).")]
    [InlineData("""{"content":"-_8="}""", "content: not bytes in base64 (RFC 4648 section 4, padded).")]
    [InlineData("""{"content":"AQ"}""", "content: not bytes in base64 (RFC 4648 section 4, padded).")]
    [InlineData("""{"number":"x"}""", "number: not a 32-bit integer.")]
    [InlineData("""{"number":2147483648}""", "number: not a 32-bit integer.")]
    [InlineData("""{"number":1.5}""", "number: not a 32-bit integer.")]
    [InlineData("""{"bigNumber":"9223372036854775808"}""", "bigNumber: not a 64-bit integer.")]
    [InlineData("""{"colour":"BLUE"}""", "colour: not one of COLOUR_UNSPECIFIED, RED, GREEN.")]
    [InlineData("""{"text":1}""", "text: not a string.")]
    [InlineData("""{"words":"a"}""", "words: not an array.")]
    [InlineData("""{"words":["a",1]}""", "words[1]: not a string.")]
    [InlineData("""{"flag":"yes"}""", "flag: not true or false.")]
    [InlineData("""{"inner":7}""", "inner: not a Inner.")]
    [InlineData("""[1]""", "The body is not a JSON object.")]
    [InlineData("""{"text":""", "The body is not JSON: line 1, byte 9.")]
    [InlineData("""{"text":"a"} more""", "The body is not JSON: line 1, byte 14.")]
    public async Task Post_OfAWrongField_Is400AndNamesIt(string body, string message)
    {
        await using var server = await ToyServer.StartAsync();

        var (status, json) = await PostAsync(server, body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        AssertError(json, "INVALID_ARGUMENT", message);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Post_OfMangledBodies_IsNeverAFailureOfTheServer()
    {
        const string Whole = """{"text":"\ud83d\ude00","number":-1,"bigNumber":"92","content":"AAEC","colour":"GREEN","inners":[{"depth":3}],"ratio":1e5}""";
        await using var server = await ToyServer.StartAsync();
        var random = new Random(20);

        for (var round = 0; round < 500; round++)
        {
            var body = Encoding.UTF8.GetBytes(Whole);
            body[random.Next(body.Length)] = (byte)random.Next(1, 256);
            body = body[..random.Next(body.Length / 2, body.Length + 1)];

            using var response = await server.Rest.PostAsync("/v1/echoes", Json(body));

            Assert.True((int)response.StatusCode is 201 or 400, Convert.ToHexString(body));
        }

        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Post_OfWhatIsNotUtf8_Is400()
    {
        await using var server = await ToyServer.StartAsync();

        var (status, json) = await SendAsync(server, HttpMethod.Post, "/v1/echoes", Json([(byte)'"', 0xFF, (byte)'"']));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        AssertError(json, "INVALID_ARGUMENT", "The body is not UTF-8.");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData(null)]
    public async Task Post_OfWhatIsNotDeclaredAsJson_Is415(string? contentType)
    {
        await using var server = await ToyServer.StartAsync();
        var content = new ByteArrayContent("{}"u8.ToArray());
        content.Headers.ContentType = contentType is null ? null : new MediaTypeHeaderValue(contentType);

        var (status, json) = await SendAsync(server, HttpMethod.Post, "/v1/echoes", content);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, status);
        Assert.Equal("INVALID_ARGUMENT", json.GetProperty("code").GetString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Post_OverTheLimit_Is413(bool isLengthDeclared)
    {
        await using var server = await ToyServer.StartAsync(restOptions: new RestOptions { RequestBodyBytesMax = 100 });
        var body = Encoding.UTF8.GetBytes($$"""{"text":"{{new string('a', 90)}}"}""");
        Assert.Equal(101, body.Length);
        var content = Json(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/echoes") { Content = content };
        request.Headers.TransferEncodingChunked = !isLengthDeclared;

        using var response = await server.Rest.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        AssertError(await ReadAsync(response), "RESOURCE_EXHAUSTED", "The body is larger than 100 bytes.");
    }

    [Fact]
    public async Task Post_AtTheLimit_IsAnswered()
    {
        await using var server = await ToyServer.StartAsync(restOptions: new RestOptions { RequestBodyBytesMax = 100 });

        var (status, _) = await PostAsync(server, $$"""{"text":"{{new string('a', 89)}}"}""");

        Assert.Equal(HttpStatusCode.Created, status);
    }

    [Theory]
    [InlineData("/v1/echoes?text=a%20b+c&number=-5&bigNumber=7&colour=RED&words=x&words=y&flag=true&maybe=0&ratio=1.5&content=AQI%3D")]
    [InlineData("/v1/echoes?text=a+b%20c&number=-5&big_number=7&colour=RED&words=x&words=y&flag=true&maybe=0&ratio=1.5&content=AQI%3D")]
    public async Task Get_WithAQuery_BindsItByJsonName(string path)
    {
        EchoRequest? seen = null;
        await using var server = await ToyServer.StartAsync(Recording(request => seen = request));

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(server, HttpMethod.Get, path)).Status);

        var expected = new EchoRequest
        {
            Text = "a b c",
            Number = -5,
            BigNumber = 7,
            Colour = EchoRequest.Types.Colour.Red,
            Words = { "x", "y" },
            Flag = true,
            Maybe = 0,
            Ratio = 1.5,
            Content = ByteString.CopyFrom(1, 2),
        };
        Assert.Equal(expected, seen);
    }

    [Theory]
    [InlineData("/v1/echoes?unknown=1", "unknown: there is no such query parameter.")]
    [InlineData("/v1/echoes?inner=1", "inner: there is no such query parameter.")]
    [InlineData("/v1/echoes/a?text=b", "text: there is no such query parameter.")]
    [InlineData("/v1/echoes?number=x", "number: not a 32-bit integer.")]
    [InlineData("/v1/echoes?number=", "number: not a 32-bit integer.")]
    [InlineData("/v1/echoes?number=1&number=2", "number: given more than once.")]
    [InlineData("/v1/echoes?colour=BLUE", "colour: not one of COLOUR_UNSPECIFIED, RED, GREEN.")]
    [InlineData("/v1/echoes?content=*", "content: not bytes in base64 (RFC 4648 section 4, padded).")]
    [InlineData("/v1/numbers/many/words/a", "bigNumber: not a 64-bit integer.")]
    [InlineData("/v1/numbers/9223372036854775808/words/a", "bigNumber: not a 64-bit integer.")]
    public async Task Get_WithAWrongParameter_Is400AndNamesIt(string path, string message)
    {
        await using var server = await ToyServer.StartAsync();

        var (status, json) = await SendAsync(server, HttpMethod.Get, path);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        AssertError(json, "INVALID_ARGUMENT", message);
    }

    [Theory]
    [InlineData("GET", "/v1/echoes/a%2Fb", "a/b")]
    [InlineData("GET", "/v1/echoes/a%252Fb", "a%2Fb")]
    [InlineData("GET", "/v1/echoes/a:enable", "a:enable")]
    [InlineData("POST", "/v1/echoes/a:b:enable", "a:b")]
    public async Task Path_WithAName_IsDecodedOnce(string verb, string path, string text)
    {
        await using var server = await ToyServer.StartAsync();

        var (status, json) = await SendAsync(server, new HttpMethod(verb), path);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(text, json.GetProperty("text").GetString());
    }

    [Fact]
    public async Task Post_WhoseBodyContradictsThePath_Is400()
    {
        await using var server = await ToyServer.StartAsync();

        var same = await SendAsync(server, HttpMethod.Post, "/v1/echoes/a:enable", Json("""{"text":"a","number":3}"""u8.ToArray()));
        var other = await SendAsync(server, HttpMethod.Post, "/v1/echoes/a:enable", Json("""{"text":"b"}"""u8.ToArray()));

        Assert.Equal((HttpStatusCode.OK, 3), (same.Status, same.Json.GetProperty("number").GetInt32()));
        Assert.Equal(HttpStatusCode.BadRequest, other.Status);
        AssertError(other.Json, "INVALID_ARGUMENT", "text: the body contradicts the path.");
    }

    [Fact]
    public async Task Delete_Answered_Is204WithoutABody()
    {
        await using var server = await ToyServer.StartAsync();

        using var response = await server.Rest.DeleteAsync("/v1/echoes/a");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData(nameof(StatusCode.Cancelled), 499)]
    [InlineData(nameof(StatusCode.Unknown), 500)]
    [InlineData(nameof(StatusCode.InvalidArgument), 400)]
    [InlineData(nameof(StatusCode.DeadlineExceeded), 504)]
    [InlineData(nameof(StatusCode.NotFound), 404)]
    [InlineData(nameof(StatusCode.AlreadyExists), 409)]
    [InlineData(nameof(StatusCode.PermissionDenied), 403)]
    [InlineData(nameof(StatusCode.ResourceExhausted), 429)]
    [InlineData(nameof(StatusCode.FailedPrecondition), 400)]
    [InlineData(nameof(StatusCode.Aborted), 409)]
    [InlineData(nameof(StatusCode.OutOfRange), 400)]
    [InlineData(nameof(StatusCode.Unimplemented), 501)]
    [InlineData(nameof(StatusCode.Internal), 500)]
    [InlineData(nameof(StatusCode.Unavailable), 503)]
    [InlineData(nameof(StatusCode.DataLoss), 500)]
    [InlineData(nameof(StatusCode.Unauthenticated), 401)]
    public async Task Refusal_OfAHandler_HasItsCodeAndHttpStatus(string name, int httpStatus)
    {
        var code = Enum.Parse<StatusCode>(name);
        await using var server = await ToyServer.StartAsync(new ToyService { OnEcho = (_, _) => throw new RpcException(code, "Why: \"x\".") });

        using var response = await server.Rest.GetAsync("/v1/echoes/a");

        Assert.Equal(httpStatus, (int)response.StatusCode);
        AssertError(await ReadAsync(response), code.ToName(), "Why: \"x\".");
        Assert.Equal(code is StatusCode.ResourceExhausted, response.Headers.RetryAfter is not null);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1_000, 1)]
    [InlineData(1_001, 2)]
    [InlineData(60_000, 60)]
    public async Task Refusal_ThatKnowsWhenToRepeat_SaysItInWholeSeconds(int retryAfterMilliseconds, int seconds)
    {
        var retryAfter = TimeSpan.FromMilliseconds(retryAfterMilliseconds);
        await using var server = await ToyServer.StartAsync(new ToyService { OnEcho = (_, _) => throw new RpcException(StatusCode.ResourceExhausted, "Full.", retryAfter: retryAfter) });

        using var response = await server.Rest.GetAsync("/v1/echoes/a");

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal($"{seconds}", Assert.Single(response.Headers.GetValues("Retry-After")));
    }

    [Fact]
    public async Task Failure_OfAHandler_TellsNothingAndIsLogged()
    {
        await using var server = await ToyServer.StartAsync(new ToyService { OnEcho = (_, _) => throw new FormatException("a secret of the server") });

        var (status, json) = await SendAsync(server, HttpMethod.Get, "/v1/echoes/a");

        Assert.Equal(HttpStatusCode.InternalServerError, status);
        AssertError(json, "UNKNOWN", RpcStatus.HandlerFailed.Message);
        Assert.IsType<FormatException>(Assert.Single(server.Log.Errors).Thrown);
    }

    [Fact]
    public async Task Deadline_OfARestCall_Is504BeforeTheHandlerEnds()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var service = new ToyService
        {
            OnEcho = async (request, _) =>
            {
                await release.Task;
                return request;
            },
        };
        await using var server = await ToyServer.StartAsync(service);
        server.Rest.DefaultRequestHeaders.Add("grpc-timeout", "20m");

        var (status, json) = await SendAsync(server, HttpMethod.Get, "/v1/echoes/a");
        release.SetResult();

        Assert.Equal(HttpStatusCode.GatewayTimeout, status);
        Assert.Equal("DEADLINE_EXCEEDED", json.GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/v1")]
    [InlineData("/v1/nothing")]
    [InlineData("/v1/echoes/")]
    [InlineData("/v1/echoes/a/b")]
    public async Task Path_Unknown_Is404(string path)
    {
        await using var server = await ToyServer.StartAsync();

        var (status, json) = await SendAsync(server, HttpMethod.Get, path);

        Assert.Equal(HttpStatusCode.NotFound, status);
        AssertError(json, "NOT_FOUND", $"There is no {path}.");
    }

    [Fact]
    public async Task Verb_Unknown_Is405AndNamesTheOthers()
    {
        await using var server = await ToyServer.StartAsync();

        using var response = await server.Rest.PutAsync("/v1/echoes/a", null);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal("GET, DELETE", string.Join(", ", response.Content.Headers.Allow));
        AssertError(await ReadAsync(response), "UNIMPLEMENTED", "/v1/echoes/a does not take PUT.");
    }

    private static ToyService Recording(Action<EchoRequest> record) => new()
    {
        OnEcho = (request, _) =>
        {
            record(request);
            return Task.FromResult(request);
        },
    };

    private static void AssertError(JsonElement json, string code, string message)
    {
        Assert.Equal(["code", "message", "details"], json.EnumerateObject().Select(property => property.Name));
        Assert.Equal((code, message), (json.GetProperty("code").GetString(), json.GetProperty("message").GetString()));
        Assert.Equal(0, json.GetProperty("details").GetArrayLength());
    }

    private static ByteArrayContent Json(byte[] body) => new(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private static Task<(HttpStatusCode Status, JsonElement Json)> PostAsync(ToyServer server, string body) =>
        SendAsync(server, HttpMethod.Post, "/v1/echoes", Json(Encoding.UTF8.GetBytes(body)));

    private static async Task<(HttpStatusCode Status, JsonElement Json)> SendAsync(ToyServer server, HttpMethod verb, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(verb, path) { Content = content };
        using var response = await server.Rest.SendAsync(request);
        return (response.StatusCode, await ReadAsync(response));
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }
}
