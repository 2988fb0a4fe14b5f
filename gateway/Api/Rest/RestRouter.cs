using Google.Protobuf;
using IotPlatform.Grpc;
using Microsoft.Net.Http.Headers;

namespace IotPlatform.Api.Rest;

/// <summary>Finds the route of a request and has its method answer it.</summary>
internal sealed class RestRouter(IReadOnlyList<RestMethod> methods, TimeProvider time, ILogger<RestRouter> logger)
{
    // Fields that are not set are written too: a reader sees every field that there is.
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    /// <summary>Binds routes to the unary methods of services.</summary>
    /// <exception cref="ArgumentException">A route names no unary method of the services, or its path does not fit the request message.</exception>
    public static IReadOnlyList<RestMethod> Bind(IReadOnlyList<RestRoute> routes, IReadOnlyList<GrpcServiceDefinition> services, RestOptions options)
    {
        var unary = services.SelectMany(service => service.Methods).OfType<IUnaryMethod>().ToDictionary(method => method.FullName);
        return [.. routes.Select(route => unary.TryGetValue(route.Method, out var method)
            ? new RestMethod(route, method, options)
            : throw new ArgumentException($"{route.Verb} {route.Template}: there is no unary method {route.Method}.", nameof(routes)))];
    }

    /// <summary>Answers any request.</summary>
    public Task HandleAsync(HttpContext http)
    {
        var path = RequestPath.Read(http);
        var isPath = false;
        foreach (var method in methods)
        {
            if (!method.Path.Matches(path))
            {
                continue;
            }

            if (HttpMethods.Equals(method.Route.Verb, http.Request.Method))
            {
                return AnswerAsync(http, method, path);
            }

            isPath = true;
        }

        return isPath ? RefuseVerbAsync(http, path) : RestError.WriteAsync(http.Response, new(StatusCode.NotFound, $"There is no {path}."));
    }

    private Task RefuseVerbAsync(HttpContext http, string path)
    {
        // [RFC 9110 15.5.6] a 405 names the verbs that there are.
        var allowed = methods.Where(method => method.Path.Matches(path)).Select(method => method.Route.Verb).Distinct();
        http.Response.Headers[HeaderNames.Allow] = string.Join(", ", allowed);
        var status = new RpcStatus(StatusCode.Unimplemented, $"{path} does not take {http.Request.Method}.");
        return RestError.WriteAsync(http.Response, status, StatusCodes.Status405MethodNotAllowed);
    }

    private async Task AnswerAsync(HttpContext http, RestMethod method, string path)
    {
        if (!CallLifetime.TryStart(http, time, out var lifetime))
        {
            await RestError.WriteAsync(http.Response, new(StatusCode.InvalidArgument, "grpc-timeout: malformed."));
            return;
        }

        using (lifetime)
        {
            await new RestCall(http, method, path, lifetime, Formatter, logger).RunAsync();
        }
    }
}
