namespace IotPlatform.Api.Rest;

/// <summary>One row of the REST mapping.</summary>
/// <param name="Verb">The HTTP method.</param>
/// <param name="Template">The path; its variables are fields of the request message by their JSON names.</param>
/// <param name="Method">The full name of the unary gRPC method that answers.</param>
/// <param name="Body">What is read from the body.</param>
/// <param name="SuccessStatus">The HTTP status of success; 204 has no body.</param>
/// <param name="Summary">One sentence for the OpenAPI document.</param>
internal sealed record RestRoute(string Verb, string Template, string Method, RestBody Body, int SuccessStatus, string Summary)
{
    /// <summary>Reads.</summary>
    public static RestRoute Get(string template, string method, string summary) =>
        new(HttpMethods.Get, template, method, RestBody.None, StatusCodes.Status200OK, summary);

    /// <summary>Acts on what exists.</summary>
    public static RestRoute Post(string template, string method, string summary) =>
        new(HttpMethods.Post, template, method, RestBody.Message, StatusCodes.Status200OK, summary);

    /// <summary>Makes something new.</summary>
    public static RestRoute Create(string template, string method, string summary) =>
        new(HttpMethods.Post, template, method, RestBody.Message, StatusCodes.Status201Created, summary);

    /// <summary>Removes.</summary>
    public static RestRoute Delete(string template, string method, string summary) =>
        new(HttpMethods.Delete, template, method, RestBody.None, StatusCodes.Status204NoContent, summary);
}
