using Google.Protobuf;
using Google.Protobuf.Reflection;
using IotPlatform.Grpc;
using Microsoft.Extensions.Primitives;

namespace IotPlatform.Api.Rest;

/// <summary>A route bound to the method that answers it: makes the request message from path, query and body.</summary>
internal sealed class RestMethod
{
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default);
    private static readonly JsonFault Fault = new(Parser);

    private readonly FieldDescriptor[] _pathFields;
    private readonly JsonBody _body;

    /// <summary>Binds a route.</summary>
    /// <exception cref="ArgumentException">The path names what the request message has no such field for.</exception>
    public RestMethod(RestRoute route, IUnaryMethod method, RestOptions options)
    {
        Route = route;
        Method = method;
        Path = new PathTemplate(route.Template);
        _pathFields = [.. Path.Variables.Select(FindPathField)];
        _body = new JsonBody(options.RequestBodyBytesMax);
    }

    /// <summary>The route.</summary>
    public RestRoute Route { get; }

    /// <summary>The method that answers it.</summary>
    public IUnaryMethod Method { get; }

    /// <summary>The route's path.</summary>
    public PathTemplate Path { get; }

    /// <summary>The fields of the request message that the path carries, in its order.</summary>
    public IReadOnlyList<FieldDescriptor> PathFields => _pathFields;

    /// <summary>Makes the request message, or says why there is none.</summary>
    /// <exception cref="OperationCanceledException">The call is over.</exception>
    public async ValueTask<(IMessage Message, RestRefusal? Refusal)> ReadAsync(HttpRequest request, string path, CancellationToken cancellationToken)
    {
        var (message, refusal) = Route.Body is RestBody.Message
            ? await ReadBodyAsync(request, cancellationToken)
            : (Method.Descriptor.InputType.Parser.ParseFrom(ByteString.Empty), null);
        return (message, refusal ?? ReadPath(message, path) ?? ReadQuery(message, request.Query));
    }

    private async ValueTask<(IMessage Message, RestRefusal? Refusal)> ReadBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var input = Method.Descriptor.InputType;
        var (text, refusal) = await _body.ReadAsync(request, cancellationToken);
        try
        {
            return (Parser.Parse(text.Length == 0 ? "{}" : text, input), refusal);
        }
        catch (Exception refused) when (JsonFault.IsOfParser(refused))
        {
            return (input.Parser.ParseFrom(ByteString.Empty), RestRefusal.Invalid(Fault.Describe(text, input)));
        }
    }

    private RestRefusal? ReadPath(IMessage message, string path)
    {
        var values = Path.Capture(path);
        for (var i = 0; i < values.Length; i++)
        {
            if (ReadPathField(message, _pathFields[i], values[i]) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private static RestRefusal? ReadPathField(IMessage message, FieldDescriptor field, string encoded)
    {
        var inBody = field.Accessor.GetValue(message);
        field.Accessor.Clear(message);
        var isGivenTwice = !Equals(inBody, field.Accessor.GetValue(message));
        if (!PercentDecoding.TryDecode(encoded, out var text) || !field.TrySet(message, text))
        {
            return RestRefusal.Invalid($"{field.JsonName}: not {field.Expectation()}.");
        }

        return isGivenTwice && !Equals(inBody, field.Accessor.GetValue(message))
            ? RestRefusal.Invalid($"{field.JsonName}: the body contradicts the path.")
            : null;
    }

    private RestRefusal? ReadQuery(IMessage message, IQueryCollection query)
    {
        foreach (var (name, values) in query)
        {
            if (ReadParameter(message, name, values) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private RestRefusal? ReadParameter(IMessage message, string name, StringValues values)
    {
        var field = Route.Body is RestBody.None ? Method.Descriptor.InputType.FindField(name) : null;
        if (field is null || !field.IsText() || _pathFields.Contains(field))
        {
            return RestRefusal.Invalid($"{name}: there is no such query parameter.");
        }

        if (values.Count > 1 && !field.IsRepeated)
        {
            return RestRefusal.Invalid($"{name}: given more than once.");
        }

        return values.All(value => field.TrySet(message, value ?? "")) ? null : RestRefusal.Invalid($"{name}: not {field.Expectation()}.");
    }

    private FieldDescriptor FindPathField(string name) =>
        Method.Descriptor.InputType.FindField(name) is { IsRepeated: false } field && field.IsText()
            ? field
            : throw new ArgumentException($"{Route.Template}: {Method.Descriptor.InputType.FullName} has no field {name} that a path can carry.");
}
